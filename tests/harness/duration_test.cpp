// How long a run takes, and what is left out of it where there is not the time.
#include "harness/run/duration.hpp"

#include <gtest/gtest.h>

#include "harness/run/loads.hpp"
#include "harness/run/profiles.hpp"

namespace waitbench {
namespace {

class DurationTest : public testing::Test {
 protected:
  // A plan of two cells, of which the second, an optional one, takes the longest.
  RunPlan plan() const {
    RunPlan plan;
    plan.invocations = 5;
    for (const double delay_us : {64'000.0, 640'000.0, 320'000.0}) {
      CellPlan cell = rounds_in({.delay_us = delay_us}, "matched", Lineup::models, 1);
      cell.entries = {{find_participant(participants_, "callback-epoll"), 0}};
      cell.is_optional = delay_us > 64'000;
      plan.cells.push_back(cell);
    }
    return plan;
  }

  // Of one model, without the start of its trials.
  double expected_turns_s(const Cell& cell) const {
    CellPlan plan = rounds_in(cell, "custom", Lineup::models, 1);
    plan.entries = {{find_participant(participants_, "callback-epoll"), 0}};
    CellPlan twice = plan;
    twice.rounds = 2;
    return expected_invocation_s(twice) - expected_invocation_s(plan);
  }

  const std::vector<Participant> participants_ = all_participants();
};

TEST_F(DurationTest, OfAPlanIsThatOfItsCellsOrItsBudget) {
  RunPlan whole = plan();
  const double planned_s = expected_s(whole);
  RunPlan less = whole;
  less.cells.pop_back();
  EXPECT_LT(expected_s(less), planned_s);
  whole.budget_s = 2 * planned_s;
  EXPECT_EQ(expected_s(whole), 2 * planned_s);
}

TEST_F(DurationTest, ALimitMakesQueriesWaitForEachOther) {
  const Cell all = {.in_flight = 64, .delay_us = 64'000};
  Cell few = all;
  few.limit = 8;
  EXPECT_GT(expected_turns_s(few), 4 * expected_turns_s(all));
}

TEST_F(DurationTest, QueriesOfAPipelineWaitForThoseBeforeThem) {
  Cell cell = {.workload = "postgres", .in_flight = 64, .delay_us = 64'000};
  const double each_by_itself_s = expected_turns_s(cell);
  cell.pipeline = 8;
  EXPECT_GT(expected_turns_s(cell), 4 * each_by_itself_s);
}

TEST_F(DurationTest, CallsThatBlockTakeTheTimeOfWhoMakesThem) {
  Cell cell = {.in_flight = 64, .delay_us = 1000};
  const double without_s = expected_turns_s(cell);
  cell.block_us = 10'000;
  const double in_place_s = expected_turns_s(cell);
  EXPECT_GT(in_place_s, 20 * without_s);
  cell.offload = Offload::threads(4);
  const double by_threads_s = expected_turns_s(cell);
  EXPECT_NEAR(by_threads_s / in_place_s, 0.25, 0.05);
  cell.callers = 16;
  EXPECT_NEAR(expected_turns_s(cell) / by_threads_s, 0.25, 0.05);
}

TEST_F(DurationTest, ADeadlineIsTheLongestThatAQueryTakes) {
  Cell cell = {.in_flight = 64, .delay_us = 64'000};
  const double without_s = expected_turns_s(cell);
  cell.deadline_us = 6400;
  EXPECT_LT(expected_turns_s(cell), without_s / 2);
  cell.deadline_us = 640'000;
  EXPECT_EQ(expected_turns_s(cell), without_s);
}

TEST_F(DurationTest, OptionalCellsAreLeftOutTheLongestFirstUntilTheRestFits) {
  RunPlan tight = plan();
  const double planned_s = expected_s(tight);
  tight.budget_s = 1.1 * planned_s;  // it may take longer than expected
  EXPECT_EQ(leave_out_optional_cells(tight),
            std::vector<std::string>{"matched tcp/kept/in_flight:64/delay_us:640000"});
  EXPECT_EQ(tight.cells.size(), 2U);
  tight.budget_s = 0.001;
  EXPECT_EQ(leave_out_optional_cells(tight).size(), 1U);
  ASSERT_EQ(tight.cells.size(), 1U) << "what is not optional stays";
  EXPECT_TRUE(leave_out_optional_cells(tight).empty());
}

TEST_F(DurationTest, NothingIsLeftOutWhereThereIsTimeOrNoBudget) {
  RunPlan ample = plan();
  EXPECT_TRUE(leave_out_optional_cells(ample).empty());
  ample.budget_s = 1.3 * expected_s(ample);
  EXPECT_TRUE(leave_out_optional_cells(ample).empty());
  EXPECT_EQ(ample.cells.size(), 3U);
}

}  // namespace
}  // namespace waitbench
