// What is verified of a run before it is measured.
#include "harness/run/verification.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace waitbench {
namespace {

class VerificationPlans : public testing::Test {
 protected:
  void add_cell(const Cell& cell, std::initializer_list<const char*> names) {
    CellPlan plan{.purpose = "matched", .cell = cell, .entries = {}};
    for (const char* name : names)
      plan.entries.push_back({.participant = find_participant(participants_, name)});
    run_.cells.push_back(plan);
  }

  // The names of the cases of each participant, split replies left out.
  std::vector<std::string> whole_replies(const VerificationPlan& plan) const {
    std::vector<std::string> names;
    for (const VerificationCase& which : plan.cases)
      if (!which.single_bytes) names.push_back(case_name(which));
    return names;
  }

  std::vector<Participant> participants_ = all_participants();
  RunPlan run_;
};

TEST_F(VerificationPlans, EachParticipantIsVerifiedInTheCellsThatItEnters) {
  add_cell({.in_flight = 64}, {"blocking", "callback-epoll"});
  add_cell({.transport = Transport::unix, .in_flight = 1000, .connections = Connections::fresh},
           {"callback-epoll"});
  const auto plans = plan_verification(run_);
  ASSERT_EQ(plans.size(), 2U);
  EXPECT_EQ(plans[0].participant->name, "blocking");
  EXPECT_EQ(whole_replies(plans[0]),
            (std::vector<std::string>{"tcp/kept/in_flight:64/delay_us:200"}));
  EXPECT_EQ(whole_replies(plans[1]),
            (std::vector<std::string>{"tcp/kept/in_flight:64/delay_us:200",
                                      "unix/fresh/in_flight:1000/delay_us:200"}));
}

TEST_F(VerificationPlans, CellsThatDifferInTheirTimesAloneAreOneCase) {
  add_cell({.in_flight = 64, .delay_us = 3200}, {"callback-epoll"});
  add_cell({.in_flight = 64, .delay_us = 0, .work_us = 10}, {"callback-epoll", "callback-epoll"});
  add_cell({.in_flight = 64, .delay_us = 0, .rate_qps = 1000}, {"callback-epoll"});
  const auto plans = plan_verification(run_);
  ASSERT_EQ(plans.size(), 1U);
  EXPECT_EQ(whole_replies(plans[0]).size(), 1U);
}

TEST_F(VerificationPlans, EveryWayToConnectHasACaseWithRepliesThatArriveByteByByte) {
  add_cell({.in_flight = 1}, {"callback-epoll"});
  add_cell({.in_flight = 1000}, {"callback-epoll"});
  add_cell({.transport = Transport::unix, .in_flight = 1000, .idle = 50}, {"callback-epoll"});
  std::vector<std::string> names;
  const auto plans = plan_verification(run_);
  for (const VerificationCase& which : plans.at(0).cases)
    if (which.single_bytes) names.push_back(case_name(which));
  EXPECT_EQ(names, (std::vector<std::string>{
                       "tcp/kept/in_flight:1/delay_us:200/reply_bytes:16/single_bytes",
                       "tcp/kept/in_flight:64/delay_us:200/reply_bytes:16/single_bytes",
                       "unix/kept/in_flight:64/delay_us:200/reply_bytes:16/single_bytes"}));
}

TEST_F(VerificationPlans, TheNoOpHasNoWorkToVerify) {
  add_cell({.in_flight = 64}, {"no-op"});
  EXPECT_TRUE(plan_verification(run_).empty());
}

TEST_F(VerificationPlans, ARunKeepsTheSizesAndIdleConnectionsOfItsCells) {
  const Cell cell{.in_flight = 8, .reply_bytes = 4096, .idle = 100, .depth = 3, .loops = 2};
  add_cell(cell, {"callback-epoll"});
  const Cell verified = plan_verification(run_).at(0).cases.at(0).cell;
  EXPECT_EQ(verified.reply_bytes, cell.reply_bytes);
  EXPECT_EQ(verified.idle, cell.idle);
  EXPECT_EQ(verified.depth, cell.depth);
  EXPECT_EQ(verified.loops, cell.loops);
}

TEST_F(VerificationPlans, ADeadlineFiresInItsCaseAsOftenAsInItsCell) {
  add_cell({.in_flight = 8, .delay_us = 50'000, .deadline_us = 5000}, {"callback-epoll"});
  add_cell({.in_flight = 8, .delay_us = 500, .deadline_us = 50'000'000}, {"callback-epoll"});
  const auto plans = plan_verification(run_);
  EXPECT_EQ(whole_replies(plans.at(0)),
            (std::vector<std::string>{"tcp/kept/in_flight:8/delay_us:20000/deadline_us:2000",
                                      "tcp/kept/in_flight:8/delay_us:200/deadline_us:50000000"}));
}

TEST(VerificationsAtOnce, AreSeveralOnAnyMachineAndBounded) {
  EXPECT_GE(verifications_at_once(), 2U);
  EXPECT_LE(verifications_at_once(), 8U);
}

}  // namespace
}  // namespace waitbench
