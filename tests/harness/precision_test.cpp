// How well the ratios of a cell are known, and which cell is to be measured further.
#include "harness/run/precision.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/run/rounds_result.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

class PrecisionTest : public testing::Test {
 protected:
  PrecisionTest() {
    plan_.cells = {cell(8), cell(64)};
    plan_.invocations = 3;
    plan_.half_width = 0.01;
  }

  CellPlan cell(std::size_t in_flight) const {
    CellPlan plan{.purpose = "matched",
                  .cell = {.in_flight = in_flight},
                  .entries = {{participant("callback-epoll"), 0},
                              {participant("callback-epoll"), 1},
                              {participant("coroutine-epoll"), 0},
                              {participant("thread-pool"), 0}}};
    return plan;
  }

  const Participant* participant(std::string_view name) const {
    return find_participant(participants_, name);
  }

  // An invocation in which a query of the entries costs so much, in each of two rounds.
  void measure(std::size_t cell, std::size_t invocation, const std::vector<double>& costs_us) {
    for (std::size_t i = 0; i < costs_us.size(); ++i) {
      RoundsResult result(plan_.cells[cell], plan_.cells[cell].entries[i], invocation);
      const double us = costs_us[i];
      result.turns = {Turn{.queries = 100,
                           .queries_per_second = 1e4,
                           .client_cpu_us_per_query = us,
                           .in_flight_mean = 8,
                           .in_flight_peak_backend = 8},
                      Turn{.queries = 100,
                           .queries_per_second = 1e4,
                           .client_cpu_us_per_query = us,
                           .in_flight_mean = 8,
                           .in_flight_peak_backend = 8}};
      result.order = {0, 1};
      result.interference.resize(2);
      entries_.push_back(to_entry(result));
    }
  }

  std::optional<std::size_t> next() const {
    return next_cell(
        plan_, entries_, [](std::size_t) { return 1; }, 1);
  }

  const std::vector<Participant> participants_ = all_participants();
  RunPlan plan_;
  json entries_ = json::array();
};

TEST_F(PrecisionTest, AHalfWidthIsThatOfStudentsIntervalOverInvocations) {
  // The baseline's two entries differ, and their mean is 10: the ratios are 1.1, 1.2 and 1.3.
  measure(0, 0, {8, 12.5, 11});
  measure(0, 1, {10, 10, 12});
  measure(0, 2, {20, 5, 13});
  const std::vector<double> widths = half_widths(entries_, plan_.cells[0]);
  ASSERT_EQ(widths.size(), 1U);
  const double logs[] = {std::log(1.1), std::log(1.2), std::log(1.3)};
  const double mean = (logs[0] + logs[1] + logs[2]) / 3;
  double squares = 0;
  for (const double log : logs) squares += (log - mean) * (log - mean);
  EXPECT_NEAR(widths[0], 4.302653 * std::sqrt(squares / 2 / 3), 1e-6);
}

TEST_F(PrecisionTest, OneInvocationSaysNothingOfTheWidth) {
  measure(0, 0, {10, 10, 11});
  EXPECT_EQ(half_widths(entries_, plan_.cells[0]),
            std::vector<double>{std::numeric_limits<double>::infinity()});
}

TEST_F(PrecisionTest, ModelsThatAreNotRankedHaveNoWidth) {
  measure(0, 0, {10, 10, 11, 50});
  measure(0, 1, {10, 10, 11, 70});
  EXPECT_EQ(half_widths(entries_, plan_.cells[0]).size(), 1U) << "a pool is a reference line";
  entries_[2]["flags"] = {"saturated"};
  EXPECT_TRUE(half_widths(entries_, plan_.cells[0]).empty());
  entries_[2]["flags"] = json::array();
  entries_[0]["flags"] = {"backend-limited"};
  EXPECT_TRUE(half_widths(entries_, plan_.cells[0]).empty())
      << "nor has anybody without a baseline";
}

TEST_F(PrecisionTest, OtherCellsAndPurposesAreNotLookedAt) {
  measure(0, 0, {10, 10, 11});
  measure(0, 1, {10, 10, 11});
  EXPECT_TRUE(half_widths(entries_, plan_.cells[1]).empty());
  CellPlan other = plan_.cells[0];
  other.purpose = "idle";
  EXPECT_TRUE(half_widths(entries_, other).empty());
}

TEST_F(PrecisionTest, OfTwoCellsThatTakeEquallyLongTheOneWithWiderIntervalsIsNext) {
  for (std::size_t invocation = 0; invocation < 3; ++invocation) {
    const auto wobble = static_cast<double>(invocation);
    measure(0, invocation, {10, 10, 11 + 0.3 * wobble});
    measure(1, invocation, {10, 10, 11 + 0.9 * wobble});
  }
  EXPECT_EQ(next(), 1U);
  const auto seconds = [](std::size_t cell) { return cell == 0 ? 1 : 2; };
  EXPECT_EQ(next_cell(plan_, entries_, seconds, 1), 0U) << "there is no time for the other";
  EXPECT_EQ(next_cell(plan_, entries_, seconds, 0.9), std::nullopt);
  plan_.half_width = 1;
  EXPECT_EQ(next(), std::nullopt) << "all are narrow enough";
}

TEST_F(PrecisionTest, ACellThatIsDearOrHasManyInvocationsGainsLess) {
  for (std::size_t invocation = 0; invocation < 3; ++invocation) {
    const auto wobble = static_cast<double>(invocation);
    measure(0, invocation, {10, 10, 11 + 0.3 * wobble});
    measure(1, invocation, {10, 10, 11 + 0.9 * wobble});
  }
  const auto dear = [](std::size_t cell) { return cell == 0 ? 1 : 10; };
  EXPECT_EQ(next_cell(plan_, entries_, dear, 100), 0U);
  plan_.cells[1].further_invocations = 50;
  EXPECT_EQ(next(), 0U);
}

TEST_F(PrecisionTest, WhatTheRatiosAreDoesNotDecide) {
  for (std::size_t invocation = 0; invocation < 3; ++invocation) {
    const auto wobble = static_cast<double>(invocation);
    measure(0, invocation, {10, 10, 10 + 0.1 * wobble});
    measure(1, invocation, {10, 10, 20 + 0.1 * wobble});
  }
  EXPECT_EQ(next(), 0U) << "0.1 is more of 10 than of 20";
  plan_.half_width = 0.02;
  EXPECT_EQ(next(), 0U);
}

TEST_F(PrecisionTest, CellsThatCompareNoModelsAreNotMeasuredFurther) {
  for (std::size_t invocation = 0; invocation < 3; ++invocation)
    measure(0, invocation, {10, 10, 11 + static_cast<double>(invocation)});
  ASSERT_EQ(next(), 0U);
  plan_.cells[0].lineup = Lineup::seam;
  EXPECT_EQ(next(), std::nullopt);
}

}  // namespace
}  // namespace waitbench
