// Reports that cannot be true: each lie by itself, beside the same report without it.
#include "harness/backend/report_check.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

using control::Report;
using control::ReportKind;

constexpr std::uint32_t trial = 7;
constexpr std::int64_t asked_ns = 10 * ns_per_s;
constexpr std::int64_t arrived_ns = 11 * ns_per_s;
constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t far_future_ns = std::int64_t{1} << 62;

Report first_held() {
  Report report;
  report.kind = ReportKind::held;
  report.trial = trial;
  report.in_flight = report.peak = 4;
  report.idle_connections = 2;
  report.held_ns = 9 * ns_per_s;
  report.cpu_held_ns = ns_per_s;
  return report;
}

Report held() {
  Report report = first_held();
  report.answered = 100;
  report.opened_ns = asked_ns + 1000;
  report.exhausted_ns = asked_ns + 2000;
  report.held_ns = asked_ns + 900 * ns_per_ms;
  report.cpu_opened_ns = 2 * ns_per_s;
  report.cpu_held_ns = 2 * ns_per_s + ns_per_ms;
  report.delay_error_sum_ns = 5000;
  report.delay_error_max_ns = 100;
  return report;
}

class ReportCheckTest : public testing::Test {
 protected:
  ReportCheckTest() {
    check_.watch(trial, 4, 2);
    check_.check(first_held(), asked_ns - 1);
  }

  // What is said of the report, which must be about the backend; empty when it is accepted.
  std::string objection(const Report& report, std::int64_t at_ns = arrived_ns) {
    try {
      check_.check(report, at_ns);
      return "";
    } catch (const std::runtime_error& error) {
      const std::string text = error.what();
      EXPECT_TRUE(text.starts_with("the backend reported of trial ")) << text;
      return text;
    }
  }

  ReportCheck check_;
};

// Of a pool whose connections need not all be in use when no reply comes.
TEST_F(ReportCheckTest, AcceptsFewerInFlightAfterATurnWhereThatMayBe) {
  check_.watch(trial, 4, 2, 2);
  Report before = first_held();
  before.in_flight = 3;
  EXPECT_NE(objection(before), "") << "before its first turn each connection is in use";
  EXPECT_EQ(objection(first_held()), "");
  check_.open(trial, 100, asked_ns);
  for (const std::uint64_t wrong : {1, 5}) {
    Report report = held();
    report.in_flight = wrong;
    EXPECT_NE(objection(report), "") << wrong;
  }
  Report fewer = held();
  fewer.in_flight = 2;
  EXPECT_EQ(objection(fewer), "");
}

TEST_F(ReportCheckTest, AcceptsThatQueriesNeverCameOfATrialThatCancelsSome) {
  const auto objection_to_fewer = [&](bool loses_queries) {
    check_.watch(trial, 4, 2, 0, loses_queries);
    EXPECT_EQ(objection(first_held()), "");
    check_.open(trial, 110, asked_ns);
    return objection(held());
  };
  EXPECT_NE(objection_to_fewer(false), "");
  EXPECT_EQ(objection_to_fewer(true), "");
}

TEST_F(ReportCheckTest, AcceptsTurnAfterTurn) {
  check_.open(trial, 100, asked_ns);
  EXPECT_EQ(objection(held()), "");
  check_.open(trial, 50, arrived_ns);
  Report next = held();
  next.answered = 150;
  for (std::int64_t* time : {&next.opened_ns, &next.exhausted_ns, &next.held_ns}) *time += ns_per_s;
  next.cpu_opened_ns += ns_per_s;
  next.cpu_held_ns += ns_per_s;
  EXPECT_EQ(objection(next, arrived_ns + ns_per_s), "");
}

struct Lie {
  const char* name;
  std::function<void(Report&)> tell;
};

void PrintTo(const Lie& lie, std::ostream* out) {
  *out << lie.name;
}

class LieTest : public ReportCheckTest, public testing::WithParamInterface<Lie> {};

TEST_P(LieTest, IsFoundOut) {
  check_.open(trial, 100, asked_ns);
  Report report = held();
  GetParam().tell(report);
  EXPECT_NE(objection(report), "");
}

const Lie lies[] = {
    {"MoreAnsweredThanOpened", [](Report& r) { r.answered = 101; }},
    {"FewerAnsweredThanOpened", [](Report& r) { r.answered = 99; }},
    {"AnsweredIsHuge", [](Report& r) { r.answered = huge; }},
    {"InFlightIsHuge", [](Report& r) { r.in_flight = huge; }},
    {"InFlightIsTooFew", [](Report& r) { r.in_flight = 3; }},
    {"PeakIsBelowInFlight", [](Report& r) { r.peak = 3; }},
    {"PeakIsAboveThePossible", [](Report& r) { r.peak = 5; }},
    {"PeakIsHuge", [](Report& r) { r.peak = huge; }},
    {"IdleConnectionsAreHuge", [](Report& r) { r.idle_connections = huge; }},
    {"IdleConnectionsAreTooFew", [](Report& r) { r.idle_connections = 1; }},
    {"OpenedAfterExhausted", [](Report& r) { r.opened_ns = r.exhausted_ns + 1; }},
    {"ExhaustedAfterHeld", [](Report& r) { r.exhausted_ns = r.held_ns + 1; }},
    {"NeverExhausted", [](Report& r) { r.exhausted_ns = 0; }},
    {"OpenedBeforeItWasHeld", [](Report& r) { r.opened_ns = 8 * ns_per_s; }},
    {"OpenedBeforeTheClockBegan", [](Report& r) { r.opened_ns = -1; }},
    {"HeldBeforeTheClockBegan", [](Report& r) { r.held_ns = -1; }},
    {"HeldInTheFarFuture", [](Report& r) { r.held_ns = far_future_ns; }},
    {"CpuIsNegative", [](Report& r) { r.cpu_opened_ns = -1; }},
    {"CpuDecreasesWithinTheTurn", [](Report& r) { r.cpu_held_ns = r.cpu_opened_ns - 1; }},
    {"CpuDecreasesBetweenTurns", [](Report& r) { r.cpu_opened_ns = ns_per_s - 1; }},
    {"CpuIsMoreThanThereIs", [](Report& r) { r.cpu_held_ns = far_future_ns; }},
    {"DelayErrorIsNegative", [](Report& r) { r.delay_error_max_ns = r.delay_error_sum_ns = -1; }},
    {"DelayErrorIsLongerThanTheTurn", [](Report& r) { r.delay_error_max_ns = far_future_ns; }},
    {"DelayErrorsAddUpToMore", [](Report& r) { r.delay_error_sum_ns = 100'000; }},
    {"OfATrialThatNobodyWatches", [](Report& r) { r.trial = 7 + (1U << 16); }},
};

INSTANTIATE_TEST_SUITE_P(Report, LieTest, testing::ValuesIn(lies),
                         [](const auto& lie) { return lie.param.name; });

TEST_F(ReportCheckTest, RefusesAReportThatComesTwice) {
  check_.open(trial, 100, asked_ns);
  EXPECT_EQ(objection(held()), "");
  EXPECT_NE(objection(held()), "");
}

TEST_F(ReportCheckTest, AcceptsThatQueriesAreLost) {
  check_.open(trial, 100, asked_ns);
  Report report = held();
  report.answered = 98;
  report.lost = 2;
  EXPECT_EQ(objection(report), "");
}

TEST_F(ReportCheckTest, LeavesItToAnOpenLoopHowManyQueriesItHas) {
  check_.run(trial, asked_ns);
  Report report = held();
  report.answered = 12'345;
  report.exhausted_ns = 0;
  EXPECT_EQ(objection(report), "");
}

TEST_F(ReportCheckTest, RefusesMoreRepliesThanATurnHasNanoseconds) {
  check_.run(trial, asked_ns);
  Report report = held();
  report.answered = huge;
  EXPECT_NE(objection(report), "");
}

TEST_F(ReportCheckTest, AcceptsAnOverflowOnce) {
  check_.open(trial, 100, asked_ns);
  Report report = first_held();
  report.kind = ReportKind::overflow;
  report.in_flight = report.peak = 5;
  EXPECT_EQ(objection(report), "");
  EXPECT_NE(objection(report), "");
}

TEST_F(ReportCheckTest, RefusesAnOverflowThatIsNone) {
  Report report = first_held();
  report.kind = ReportKind::overflow;
  EXPECT_NE(objection(report), "");
}

TEST_F(ReportCheckTest, IgnoresWhatIsStillReportedOfADismissedTrial) {
  check_.dismiss(trial);
  EXPECT_EQ(objection(held()), "");
  check_.forget(trial);
  EXPECT_NE(objection(held()), "");
}

TEST_F(ReportCheckTest, ChecksStatisticsToo) {
  check_.open(trial, 100, asked_ns);
  Report report = held();
  report.kind = ReportKind::statistics;
  report.sequence = 3;
  report.in_flight = 2;
  report.answered = 50;
  EXPECT_EQ(objection(report), "");
  report.answered = huge;
  EXPECT_NE(objection(report), "");
  report.answered = 50;
  report.in_flight = huge;
  EXPECT_NE(objection(report), "");
  report.in_flight = 2;
  report.cpu_held_ns = -1;
  EXPECT_NE(objection(report), "");
}

}  // namespace
}  // namespace waitbench
