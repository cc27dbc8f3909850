// What a trial is told, and how long its turns are.
#include "harness/run/trial_parameters.hpp"

#include <gtest/gtest.h>

namespace waitbench {
namespace {

TEST(WarmUp, HasTwoQueriesForEachInFlightAndNoMoreThanATurn) {
  const std::vector<Participant> participants = all_participants();
  const Participant& epoll = *find_participant(participants, "callback-epoll");
  const auto warm_up = [&](std::size_t in_flight, std::size_t turn_queries) {
    const CellPlan plan{.purpose = "",
                        .cell = {.in_flight = in_flight},
                        .entries = {},
                        .turn_queries = turn_queries};
    return trial_parameters(epoll, plan, 0, 0).warm_up_queries;
  };
  EXPECT_EQ(warm_up(1000, 10'000), 2000U);
  EXPECT_EQ(warm_up(8, 2000), 200U);
  EXPECT_EQ(warm_up(8, 50), 50U);
}

TEST(WarmUp, OfTheNoOpIsItsOneQuery) {
  const std::vector<Participant> participants = all_participants();
  const Participant& no_op = *find_participant(participants, "no-op");
  const CellPlan plan{.purpose = "", .cell = {}, .entries = {}};
  EXPECT_EQ(trial_parameters(no_op, plan, 0, 0).warm_up_queries, 1U);
}

}  // namespace
}  // namespace waitbench
