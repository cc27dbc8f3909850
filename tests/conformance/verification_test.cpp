// Verification of several participants side by side.
#include <gtest/gtest.h>

#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

std::vector<VerificationCase> short_cases() {
  std::vector<VerificationCase> cases;
  for (const std::size_t in_flight : {1, 7})
    cases.push_back({{.in_flight = in_flight, .delay_us = 200, .reply_bytes = 64}});
  return cases;
}

TEST(Verification, FindingsComeInTheOrderOfThePlansHoweverLongEachTakes) {
  // The first takes as long as the deadline, since it is never held with seven in flight.
  const std::vector<const char*> names = {"control-serial", "callback-epoll", "blocking",
                                          "coroutine-epoll"};
  std::vector<VerificationPlan> plans;
  for (const char* name : names) plans.push_back({&participant_named(name), short_cases()});
  std::vector<std::string_view> reported;
  verify(
      plans, {.placement = plan_placement(available_cpus()), .deadline_ns = ns_per_s, .at_once = 3},
      [&](std::span<const Finding> findings) {
        ASSERT_EQ(findings.size(), 2U);
        reported.push_back(findings[0].participant->name);
        const bool is_serial = findings[0].participant->name == "control-serial";
        EXPECT_EQ(findings[0].verdict, Verdict::passed) << findings[0].reason;
        EXPECT_EQ(findings[1].verdict, is_serial ? Verdict::failed : Verdict::passed);
        EXPECT_EQ(findings[1].reason, is_serial ? "1 of 7 queries in flight at the deadline" : "");
      });
  EXPECT_EQ(reported, std::vector<std::string_view>(names.begin(), names.end()));
}

TEST(Verification, WhatReportThrowsEndsItAndLeavesNoThreadBehind) {
  std::vector<VerificationPlan> plans;
  for (const char* name : {"callback-epoll", "blocking", "coroutine-epoll", "fiber-epoll"})
    plans.push_back({&participant_named(name), short_cases()});
  EXPECT_THROW(
      verify(plans,
             {.placement = plan_placement(available_cpus()),
              .deadline_ns = 30 * ns_per_s,
              .at_once = 2},
             [](std::span<const Finding>) { throw std::runtime_error("standard output is full"); }),
      std::runtime_error);
}

}  // namespace
}  // namespace waitbench
