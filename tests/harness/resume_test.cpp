// Taking up a run: what stays of its results, what is still to be measured, and where it may be
// done.
#include "harness/run/resume.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/run/counting/instructions.hpp"
#include "harness/run/rounds_result.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

class ResumeTest : public testing::Test {
 protected:
  ResumeTest() {
    const Participant* epoll = find_participant(entrants_, "callback-epoll");
    const Participant* blocking = find_participant(entrants_, "blocking");
    const std::vector<Entry> entries = {{epoll, 0}, {epoll, 1}, {blocking, 0}};
    plan_.cells = {{.purpose = "matched", .cell = {.in_flight = 8}, .entries = entries},
                   {.purpose = "saturated", .cell = {.delay_us = 0}, .entries = entries}};
    plan_.cells[1].entries[2].cohort = 1;
    plan_.invocations = 2;
  }

  // What a complete run has.
  json all_entries() const {
    json entries = json::array();
    for (const WorkUnit& unit : work_units(plan_))
      for (const Entry& entry : entries_of(plan_, unit)) {
        const RoundsResult result(plan_.cells[unit.cell], entry, unit.invocation);
        entries.push_back(to_entry(result));
      }
    return entries;
  }

  std::string complaint(json entries) const {
    try {
      missing_units(plan_, entries);
      return "";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  }

  std::vector<Participant> entrants_ = all_participants();
  RunPlan plan_;
};

TEST_F(ResumeTest, AnEmptyFileLacksEveryLeg) {
  json entries = json::array();
  EXPECT_EQ(missing_units(plan_, entries), work_units(plan_));
  EXPECT_EQ(work_units(plan_).size(), 6U) << "two invocations of one cohort and of two";
}

TEST_F(ResumeTest, ACompleteFileLacksNothingAndStaysAsItIs) {
  const json complete = all_entries();
  json entries = complete;
  EXPECT_TRUE(missing_units(plan_, entries).empty());
  EXPECT_EQ(entries, complete);
}

TEST_F(ResumeTest, ALegThatLacksAnEntryIsMeasuredAnewAndTheOthersStay) {
  json entries = all_entries();
  entries.erase(4);  // of the second cell's first cohort, in the first invocation
  const std::vector<WorkUnit> expected = {{.invocation = 0, .cell = 1, .cohort = 0}};
  EXPECT_EQ(missing_units(plan_, entries), expected);
  EXPECT_EQ(entries.size(), 10U);
}

TEST_F(ResumeTest, WhatWasCountedIsTakenOutSinceItIsCountedAnew) {
  const json timed = all_entries();
  json entries = timed;
  const CellPlan counted{.purpose = "counted", .cell = {}, .entries = {}};
  entries.push_back(to_entry(InstructionsResult(counted, plan_.cells[0].entries[0], 0)));
  EXPECT_TRUE(missing_units(plan_, entries).empty());
  EXPECT_EQ(entries, timed);
}

TEST_F(ResumeTest, WhatAnInterruptedLegLeftIsTakenOut) {
  json entries = all_entries();
  entries[1]["flags"] = {"foreign-cpu", "interrupted"};
  const std::vector<WorkUnit> expected = {{.invocation = 0, .cell = 0, .cohort = 0}};
  EXPECT_EQ(missing_units(plan_, entries), expected);
  EXPECT_EQ(entries.size(), 9U);
}

TEST_F(ResumeTest, WhatFailedStaysFailed) {
  json entries = all_entries();
  entries[0]["status"] = "failed";
  EXPECT_TRUE(missing_units(plan_, entries).empty());
  EXPECT_EQ(entries[0]["status"], "failed");
}

TEST_F(ResumeTest, FurtherInvocationsOfARunWithABudgetAreRecalled) {
  plan_.cells[1].further_invocations = 2;
  const json complete = all_entries();
  json entries = complete;
  plan_.cells[1].further_invocations = 0;
  EXPECT_NE(complaint(entries).find("start a new run"), std::string::npos);
  recall_further_invocations(plan_, entries);
  EXPECT_EQ(plan_.cells[0].further_invocations, 0U);
  EXPECT_EQ(plan_.cells[1].further_invocations, 2U);
  EXPECT_TRUE(missing_units(plan_, entries).empty());
  entries.erase(entries.size() - 1);
  recall_further_invocations(plan_, entries);
  const std::vector<WorkUnit> expected = {{.invocation = 3, .cell = 1, .cohort = 1}};
  EXPECT_EQ(missing_units(plan_, entries), expected);
}

TEST_F(ResumeTest, AFileWhoseEntriesLackTheirInvocationIsRefused) {
  json entries = all_entries();
  entries[0].erase("invocation");
  EXPECT_THROW(recall_further_invocations(plan_, entries), std::invalid_argument);
}

TEST_F(ResumeTest, EntriesOfAnotherPlanAreRefused) {
  json entries = all_entries();
  entries[0]["in_flight"] = 9;
  EXPECT_NE(complaint(entries).find("start a new run"), std::string::npos);
  entries[0].erase("in_flight");
  EXPECT_NE(complaint(entries).find("one of its entries"), std::string::npos);
}

TEST(SamePlace, IsRequiredOfBuildAndMachine) {
  const json recorded = {{"commit", "abc"},
                         {"build", {{"type", "Release"}}},
                         {"host", {{"kernel", "6.1"}, {"load_1min", 0.1}}}};
  json present = recorded;
  present["host"]["load_1min"] = 0.2;
  EXPECT_NO_THROW(check_same_place(recorded, present)) << "the load varies";
  for (const char* path : {"/commit", "/build/type", "/host/kernel"}) {
    json other = present;
    other[json::json_pointer(path)] = "other";
    EXPECT_THROW(check_same_place(recorded, other), std::invalid_argument) << path;
  }
}

}  // namespace
}  // namespace waitbench
