// Loads: the ladder, how a plan gets them, and how they are kept.
#include "harness/run/loads.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/run/profiles.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

TEST(Ladder, ALoadIsRoundedUpToARung) {
  EXPECT_EQ(rung_from(0), 2);
  EXPECT_EQ(rung_from(30), 30);
  EXPECT_EQ(rung_from(30.1), 40);
  EXPECT_EQ(rung_from(1e9), 1500);
  EXPECT_EQ(rung_after(30), 40);
  EXPECT_EQ(rung_after(1500), 1500);
}

RunPlan plan_of(std::string_view profile) {
  RunPlan plan;
  for (const Profile& each : profiles())
    if (each.name == profile) plan.cells = each.cells;
  return plan;
}

TEST(Fit, MatchedCellsOfAProfileAskAtOneRate) {
  RunPlan plan = plan_of("quick");
  fit(plan, {.query_interval_us = 70, .work_us = 15});
  std::size_t matched = 0;
  for (const CellPlan& cell : plan.cells)
    if (cell.purpose == "matched") {
      ++matched;
      EXPECT_DOUBLE_EQ(cell.cell.delay_us, 70.0 * static_cast<double>(cell.cell.in_flight));
    }
  EXPECT_GE(matched, 3U);
}

TEST(Fit, ACellThatAsksForPartOfTheRateHasItsPart) {
  RunPlan plan = plan_of("full");
  fit(plan, {.query_interval_us = 70, .work_us = 15});
  for (const CellPlan& cell : plan.cells) {
    if (cell.purpose == "fresh") {
      EXPECT_DOUBLE_EQ(cell.cell.delay_us, 4 * 70 * 64);
    }
    if (cell.purpose == "work") {
      EXPECT_DOUBLE_EQ(cell.cell.delay_us, 2 * 70 * 64);
      EXPECT_DOUBLE_EQ(cell.cell.work_us, 15);
    }
  }
}

TEST(Fit, ThePositiveControlBurnsAShareOfWhatTheBaselineCosts) {
  for (const auto& [profile, share] : {std::pair{"quick", 0.05}, {"full", 0.03}}) {
    RunPlan plan = plan_of(profile);
    fit(plan, {.baseline_us = 20});
    for (const CellPlan& cell : plan.cells)
      if (cell.purpose == "matched") {
        EXPECT_DOUBLE_EQ(cell.planted_ns, share * 20'000) << profile;
      }
  }
}

TEST(Fit, WhatWasGivenStays) {
  CellPlan given = rounds_in({.delay_us = 123, .work_us = 4}, "custom", Lineup::models, 1);
  RunPlan plan;
  plan.cells = {given};
  EXPECT_FALSE(needs_loads(plan));
  fit(plan, {.query_interval_us = 70, .work_us = 15});
  EXPECT_EQ(plan.cells[0].cell, given.cell);
}

TEST(Fit, ACellNamesTheAxesThatFollowFromTheMachine) {
  EXPECT_TRUE(fitted_axes({}).empty());
  EXPECT_EQ(fitted_axes({.rate_share = 0.5}), std::vector<std::string>{"delay_us"});
  EXPECT_EQ(fitted_axes({.rate_share = 1, .work = true}),
            (std::vector<std::string>{"delay_us", "work_us"}));
}

// Else a run whose loads were not found would have cells of another name than its profile's.
TEST(Fit, TheFixedLoadsAreThoseThatProfilesHave) {
  for (const Profile& profile : profiles()) {
    RunPlan plan;
    plan.cells = profile.cells;
    fit(plan, {});
    for (std::size_t i = 0; i < plan.cells.size(); ++i)
      EXPECT_EQ(plan.cells[i].cell, profile.cells[i].cell) << profile.name << " " << i;
  }
}

TEST(Loads, AreReadAsTheyWereWritten) {
  const Loads loads = {.source = "measured",
                       .query_interval_us = 70,
                       .work_us = 15,
                       .baseline_us = 17.5,
                       .costliest = "process-per-connection",
                       .costliest_us = 26,
                       .client_share = 0.37,
                       .backend_share = 0.8};
  const json written = loads;
  const auto read = written.get<Loads>();
  EXPECT_EQ(json(read), written);
  EXPECT_EQ(read.costliest_us, 26);
  EXPECT_FALSE(json(Loads{}).contains("found"));
}

TEST(Loads, ThatCannotBeAreRefused) {
  json loads = Loads{};
  for (const json& value : {json(0), json(-1), json(2e6)}) {
    loads["query_interval_us"] = value;
    EXPECT_THROW(loads.get<Loads>(), std::invalid_argument) << value;
  }
  loads["query_interval_us"] = "70";
  EXPECT_THROW(loads.get<Loads>(), json::exception);
}

}  // namespace
}  // namespace waitbench
