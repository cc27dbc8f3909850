// How long a turn may last is up to what it does, and not to a constant.
#include <gtest/gtest.h>

#include "harness/trial/trial.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

std::int64_t limit_ns(double delay_us, std::size_t in_flight, std::uint64_t queries) {
  TrialOrder order;
  order.cell.in_flight = in_flight;
  order.cell.delay_us = delay_us;
  return turn_limit_ns(order, in_flight, queries);
}

TEST(TurnLimit, OfAShortTurnIsShort) {
  EXPECT_LT(limit_ns(200, 4, 50), ns_per_s);
  EXPECT_LT(limit_ns(0, 4, 0), ns_per_ms);
}

TEST(TurnLimit, IsLongerThanTheDelaysOfTheTurn) {
  const std::int64_t waits_ns = 1000 / 4 * 5 * ns_per_ms;
  EXPECT_GT(limit_ns(5000, 4, 1000), 2 * waits_ns);
  EXPECT_GT(limit_ns(5000, 4, 1), 2 * 5 * ns_per_ms) << "a random delay is longer than its mean";
}

TEST(TurnLimit, GrowsWithTheQueries) {
  EXPECT_GT(limit_ns(200, 64, 20'000), limit_ns(200, 64, 10'000));
}

TEST(TurnGrace, FollowsTheDeadlineAndIsFiveSecondsByDefault) {
  EXPECT_EQ(turn_grace_ns(2 * ns_per_s), 2 * ns_per_s);
  EXPECT_EQ(turn_grace_ns(30 * ns_per_s), 5 * ns_per_s);
  EXPECT_EQ(turn_grace_ns(240 * ns_per_s), 40 * ns_per_s) << "whoever asks for patience has it";
}

}  // namespace
}  // namespace waitbench
