// The gate of a closed loop, case by case.
#include "harness/backend/gate.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "impls/lib/timer_queue.hpp"
#include "tests/harness/gate_queries.hpp"

namespace waitbench::backend {
namespace {

TEST(Gate, AnswersUnwatchedTrialsAfterTheirDelay) {
  Gate gate;
  EXPECT_EQ(due_at(gate, query(1, 50)), 50 + delay_ns);
  EXPECT_EQ(gate.take_news(), std::nullopt);
}

TEST(Gate, IsNotOpenedUnlessWatched) {
  Gate gate;
  EXPECT_TRUE(gate.open(10, {.clock_ns = 5}).empty());
  EXPECT_EQ(gate.report(control::ReportKind::statistics).opened_ns, 0);
}

TEST(Gate, HoldsAWatchedTrial) {
  Gate gate;
  gate.watch(2, 0);
  EXPECT_EQ(due_at(gate, query(1)), std::nullopt);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).in_flight, 1U);
}

TEST(Gate, ReportsOnceThatItHoldsAllThatAreExpected) {
  Gate gate;
  gate.watch(2, 0);
  hold(gate, 1, 1);
  EXPECT_EQ(gate.take_news(), std::nullopt);
  hold(gate, 2, 1);
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
  EXPECT_EQ(gate.take_news(), std::nullopt);
}

TEST(Gate, WaitsForTheIdleConnectionsToo) {
  Gate gate;
  gate.watch(1, 2);
  hold(gate, 1, 1);
  PendingReply first = query(8, 0, 8);
  PendingReply second = query(9, 0, 9);
  EXPECT_FALSE(gate.keep_idle(first));
  EXPECT_EQ(gate.take_news(), std::nullopt);
  EXPECT_FALSE(gate.keep_idle(second));
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
  EXPECT_EQ(gate.report(control::ReportKind::held).idle_connections, 2U);
  EXPECT_EQ(gate.report(control::ReportKind::held).in_flight, 1U)
      << "an idle connection asks nothing";
}

TEST(Gate, CountsTheDelayOfAHeldQueryFromTheOpening) {
  Gate gate;
  gate.watch(1, 0);
  hold(gate, 1, 1);
  const std::vector<PendingReply> through = gate.open(1, {.clock_ns = 700});
  ASSERT_EQ(ids(through), Ids{1});
  EXPECT_EQ(through[0].due_ns, 700 + delay_ns);
}

TEST(Gate, CountsTheDelayOfALaterQueryFromItsArrival) {
  Gate gate;
  gate.watch(1, 0);
  gate.open(1, {.clock_ns = 700});
  EXPECT_EQ(due_at(gate, query(1, 900)), 900 + delay_ns);
}

TEST(Gate, LetsExactlyTheBudgetThrough) {
  Gate gate;
  gate.watch(2, 0);
  hold(gate, 1, 2);
  std::vector<PendingReply> under_way = gate.open(5, {.clock_ns = 10});
  ASSERT_EQ(under_way.size(), 2U);
  for (std::uint64_t id = 3; id <= 5; ++id) {
    gate.answered(under_way.front(), 20);
    EXPECT_TRUE(due_at(gate, query(id, 30))) << id;
  }
  for (std::uint64_t id = 6; id <= 7; ++id) {
    gate.answered(under_way.front(), 40);
    EXPECT_FALSE(due_at(gate, query(id, 50))) << id;
  }
  EXPECT_EQ(gate.report(control::ReportKind::statistics).answered, 5U);
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
}

TEST(Gate, IsNotHeldWhileAReplyIsOnItsWay) {
  Gate gate;
  gate.watch(1, 0);
  hold(gate, 1, 1);
  const PendingReply slow = gate.open(1, {}).front();
  hold(gate, 2, 1);  // held, while the first is still to be answered
  EXPECT_EQ(gate.take_news(), control::ReportKind::overflow);
  EXPECT_EQ(gate.take_news(), std::nullopt);
  gate.answered(slow, delay_ns);
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
}

TEST(Gate, KeepsTheRestHeldWhenTheBudgetIsSmallerThanTheCrowd) {
  Gate gate;
  gate.watch(4, 0);
  hold(gate, 1, 4);
  EXPECT_EQ(ids(gate.open(3, {.clock_ns = 10})), (Ids{1, 2, 3}));
  EXPECT_EQ(gate.report(control::ReportKind::statistics).exhausted_ns, 10);
  EXPECT_FALSE(due_at(gate, query(5, 20)));
  EXPECT_EQ(ids(gate.open(2, {.clock_ns = 30})), (Ids{4, 5})) << "first come, first served";
}

TEST(Gate, StampsTheLastArrivalThatTheBudgetAllows) {
  Gate gate;
  gate.watch(1, 0);
  hold(gate, 1, 1);
  gate.open(3, {.clock_ns = 100});
  EXPECT_EQ(gate.report(control::ReportKind::statistics).exhausted_ns, 100);
  for (const std::int64_t arrived_ns : {200, 300}) {
    EXPECT_TRUE(due_at(gate, query(2, arrived_ns)));
    EXPECT_EQ(gate.report(control::ReportKind::statistics).exhausted_ns, arrived_ns);
  }
  EXPECT_FALSE(due_at(gate, query(4, 400)));
  EXPECT_EQ(gate.report(control::ReportKind::statistics).exhausted_ns, 300);
}

TEST(Gate, ReportsEveryHoldAnew) {
  Gate gate;
  gate.watch(1, 0);
  hold(gate, 1, 1);
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
  const PendingReply asked = gate.open(1, {}).front();
  EXPECT_EQ(gate.take_news(), std::nullopt);
  gate.answered(asked, delay_ns);
  EXPECT_EQ(gate.take_news(), std::nullopt) << "the client has not asked again";
  hold(gate, 2, 1);
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
}

TEST(Gate, ReportsOverflowOnce) {
  Gate gate;
  gate.watch(1, 0);
  hold(gate, 1, 3);
  EXPECT_EQ(gate.take_news(), control::ReportKind::overflow);
  EXPECT_EQ(gate.take_news(), std::nullopt);
  EXPECT_EQ(gate.report(control::ReportKind::overflow).peak, 3U);
}

TEST(Gate, ReleasesAllAtOnceAndDelaysNoMore) {
  Gate gate;
  gate.watch(2, 1);
  hold(gate, 1, 2);
  PendingReply idle = query(9, 0, 9);
  gate.keep_idle(idle);
  const std::vector<PendingReply> through = gate.release(400);
  EXPECT_EQ(ids(through), (Ids{1, 2, 9}));
  for (const PendingReply& one : through) EXPECT_EQ(one.due_ns, 400);
  EXPECT_EQ(due_at(gate, query(3, 500)), 500);
  PendingReply late = query(10, 600, 10);
  EXPECT_TRUE(gate.keep_idle(late));
  EXPECT_EQ(late.due_ns, 600);
  EXPECT_EQ(gate.take_news(), std::nullopt);
}

TEST(Gate, GivesAForgottenTrialItsDelaysBack) {
  Gate gate;
  gate.watch(1, 0);
  hold(gate, 1, 1);
  EXPECT_EQ(gate.forget(400).front().due_ns, 400);
  EXPECT_EQ(due_at(gate, query(2, 500)), 500 + delay_ns);
}

TEST(Gate, CanBeWatchedAgainAfterARelease) {
  Gate gate;
  gate.watch(1, 0);
  hold(gate, 1, 1);
  for (const PendingReply& one : gate.release(10)) gate.answered(one, 10);
  gate.watch(1, 0);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).answered, 0U);
  hold(gate, 2, 1);
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
}

TEST(Gate, ForgetsTheHeldQueriesOfALostConnection) {
  Gate gate;
  gate.watch(2, 0);
  hold(gate, 1, 2);  // from connections 1 and 2
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
  gate.lose(1, 1);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).in_flight, 1U);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).lost, 1U);
  EXPECT_EQ(ids(gate.open(5, {})), Ids{2});
}

TEST(Gate, CountsTheQueriesOfALostConnectionThatWereOnTheirWay) {
  Gate gate;
  EXPECT_TRUE(due_at(gate, query(1, 0, 7)));
  EXPECT_TRUE(due_at(gate, query(2, 0, 7)));
  gate.lose(7, 2);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).in_flight, 0U);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).lost, 2U);
}

TEST(Gate, ForgetsALostIdleConnection) {
  Gate gate;
  gate.watch(0, 1);
  PendingReply idle = query(9, 0, 9);
  gate.keep_idle(idle);
  gate.lose(9, 0);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).idle_connections, 0U);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).lost, 0U) << "it had asked nothing";
  EXPECT_TRUE(gate.release(1).empty());
}

TEST(Gate, SumsTheDelayErrorsOfOneTurn) {
  Gate gate;
  gate.watch(2, 0);
  hold(gate, 1, 2);
  std::vector<PendingReply> through = gate.open(2, {.clock_ns = 100});
  gate.answered(through[0], through[0].due_ns + 5);
  gate.answered(through[1], through[1].due_ns + 30);
  EXPECT_EQ(gate.report(control::ReportKind::held).delay_error_sum_ns, 35);
  EXPECT_EQ(gate.report(control::ReportKind::held).delay_error_max_ns, 30);
  hold(gate, 3, 2);
  gate.open(2, {.clock_ns = 5'000});
  EXPECT_EQ(gate.report(control::ReportKind::statistics).delay_error_sum_ns, 0) << "another turn";
}

TEST(Gate, CarriesTheMomentsOfItsTurnInTheReport) {
  Gate gate;
  gate.watch(1, 0);
  hold(gate, 1, 1);
  gate.open(1, {.clock_ns = 100, .cpu_ns = 11});
  gate.note_held({.clock_ns = 200, .cpu_ns = 22});
  const control::Report report = gate.report(control::ReportKind::held);
  EXPECT_EQ(report.kind, control::ReportKind::held);
  EXPECT_EQ(report.opened_ns, 100);
  EXPECT_EQ(report.cpu_opened_ns, 11);
  EXPECT_EQ(report.held_ns, 200);
  EXPECT_EQ(report.cpu_held_ns, 22);
}

TEST(Gate, PutsAHundredThousandQueriesInOrderOfTheirDeadlines) {
  constexpr std::uint64_t count = 100'000;
  Gate gate;
  gate.watch(count, 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    PendingReply asked = query(i, 0, i);
    asked.delay_ns = static_cast<std::int64_t>(i * 7919 % count);
    ASSERT_FALSE(gate.arrive(asked));
  }
  ASSERT_EQ(gate.take_news(), control::ReportKind::held);
  TimerQueue<PendingReply> timers;
  for (const PendingReply& one : gate.open(count, {.clock_ns = 1'000}))
    timers.push(one.due_ns, one);
  ASSERT_EQ(timers.size(), count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const PendingReply due = timers.pop();
    ASSERT_EQ(due.due_ns, 1'000 + static_cast<std::int64_t>(i));
    gate.answered(due, due.due_ns);
  }
  EXPECT_EQ(gate.report(control::ReportKind::statistics).in_flight, 0U);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).answered, count);
}

}  // namespace
}  // namespace waitbench::backend
