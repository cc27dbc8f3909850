// The open loop, through every model: each follows the schedule, and one that cannot keep up is
// late, has a backlog, and goes on. A slow machine may leave anybody with a backlog, so none is
// ruled out.
#include <gtest/gtest.h>

#include <algorithm>

#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

constexpr std::size_t room = 10'000;

Stage make_stage() {
  return Stage({.placement = plan_placement(available_cpus()), .deadline_ns = 30 * ns_per_s});
}

TrialOrder order_of(double rate_qps, const Cell& cell = {}) {
  TrialOrder order;
  order.cell = cell;
  order.cell.in_flight = 16;
  order.cell.reply_bytes = 64;
  order.cell.rate_qps = rate_qps;
  return order;
}

class OpenLoopModel : public testing::TestWithParam<const Participant*> {};

TEST_P(OpenLoopModel, FollowsTheScheduleAndAccountsForAllOfIt) {
  const Participant& participant = *GetParam();
  constexpr double rate_qps = 400, seconds = 0.1;
  constexpr std::size_t due = 40;
  for (const Connections connections : {Connections::kept, Connections::fresh}) {
    const TrialOrder order = order_of(rate_qps, {.delay_us = 200, .connections = connections});
    if (const Eligibility may = participant.eligible(order.cell); !may) GTEST_SKIP() << may.reason;
    Stage stage = make_stage();
    RunningTrial& trial = stage.start(participant, order, room);
    for (const Arrivals arrivals : {Arrivals::constant, Arrivals::poisson, Arrivals::onoff}) {
      Latency latency;
      const Turn turn =
          stage.take_turn(trial, make_schedule(arrivals, rate_qps, seconds, 1), &latency);
      EXPECT_GT(turn.queries, 0U);
      EXPECT_LE(turn.queries, due);
      EXPECT_GE(turn.queries + turn.backlog, due);
      EXPECT_EQ(latency.corrected_ns.total(), turn.queries) << "its rests are no part of it";
      EXPECT_EQ(latency.parts_ns[0].total(), turn.queries) << "all stamps are in order";
      EXPECT_GE(latency.corrected_ns.mean(), latency.uncorrected_ns.mean());
    }
    stage.finish(trial);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, OpenLoopModel, testing::ValuesIn(examined_with({Role::model})),
                         [](const auto& info) { return test_name(info.param); });

// One query takes 20 ms and more, so blocking calls begin at most 50 a second; 2,000 are offered.
TEST(OpenLoop, AModelThatCannotKeepUpLeavesABacklogAndIsHeldAgain) {
  Stage stage = make_stage();
  const TrialOrder order =
      order_of(2000, {.delay_us = 20'000, .delay_shape = DelayShape::constant});
  RunningTrial& trial = stage.start(participant_named("blocking"), order, room);
  for (int i = 0; i < 2; ++i) {
    Latency latency;
    const Turn turn =
        stage.take_turn(trial, make_schedule(Arrivals::constant, 2000, 0.2, 1), &latency);
    EXPECT_LE(turn.queries, 11U);
    EXPECT_GE(turn.backlog, 389U);
    EXPECT_LE(turn.queries_per_second, 11 / 0.2);
    EXPECT_GE(latency.corrected_ns.max(), latency.uncorrected_ns.max());
  }
  stage.finish(trial);
}

// There is no query to divide by. A turn to warm up is not recorded, so nothing is lost by it.
TEST(OpenLoop, ATurnInWhichNothingBeganIsAFailureUnlessItWasToWarmUp) {
  Stage stage = make_stage();
  RunningTrial& trial = stage.start(participant_named("callback-epoll"), order_of(100), room);
  const Schedule nothing_due = {.offsets_ns = {}, .length_ns = 50 * ns_per_ms};
  EXPECT_EQ(stage.take_turn(trial, nothing_due, nullptr).queries, 0U);
  Latency latency;
  try {
    stage.take_turn(trial, nothing_due, &latency);
    ADD_FAILURE() << "the turn was recorded";
  } catch (const TrialFailed& error) {
    EXPECT_STREQ(error.what(), "it began none of the 0 queries of a turn's schedule");
  }
  stage.finish(trial);
}

// Four workers have sixteen conversations: what the others were about to do when the turn before
// ended must not end this one.
TEST(OpenLoop, APoolWithMoreConversationsThanWorkersServesEveryTurn) {
  for (const char* name : {"thread-pool", "process-pool"}) {
    Stage stage = make_stage();
    RunningTrial& trial =
        stage.start(participant_named(name), order_of(400, {.delay_us = 100}), room);
    const Schedule schedule = make_schedule(Arrivals::poisson, 400, 0.4, 1);
    for (int turn = 0; turn < 3; ++turn)
      EXPECT_GT(stage.take_turn(trial, schedule, nullptr).queries, 3 * order_of(0).cell.in_flight)
          << name;
    stage.finish(trial);
  }
}

TEST(OpenLoop, AModelThatIsSecretlySerialIsNeverHeld) {
  Stage stage({.placement = plan_placement(available_cpus()), .deadline_ns = ns_per_s});
  EXPECT_THROW(stage.start(participant_named("control-serial"), order_of(100), room), TrialFailed);
}

TEST(OpenLoop, HandwrittenCounterpartsAreNotEligibleForIt) {
  EXPECT_EQ(participant_named("handwritten-callback-epoll").eligible(order_of(100).cell).reason,
            "handwritten counterparts are written for a closed loop");
}

}  // namespace
}  // namespace waitbench
