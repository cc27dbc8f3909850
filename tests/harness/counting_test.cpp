// Which cells of a run are counted, with whom, and which are scripted.
#include "harness/run/counting/counting.hpp"

#include <gtest/gtest.h>

#include "harness/run/counting/event_pass.hpp"
#include "harness/run/counting/instructions.hpp"
#include "harness/run/profiles.hpp"

namespace waitbench {
namespace {

class CountedCells : public testing::Test {
 protected:
  CellPlan timed(const Cell& cell, std::initializer_list<const char*> names) const {
    CellPlan plan{.purpose = "matched", .cell = cell, .entries = {}};
    for (const char* name : names) plan.entries.push_back({find_participant(entrants_, name)});
    return plan;
  }
  static std::vector<std::string_view> names(const CellPlan& plan) {
    std::vector<std::string_view> names;
    for (const Entry& entry : plan.entries) names.push_back(entry.participant->name);
    return names;
  }

  std::vector<Participant> entrants_ = all_participants();
};

TEST_F(CountedCells, AreThoseThatWereTimedEachOnceWithAllWhoEnteredThem) {
  const Cell cell{.in_flight = 8}, other{.in_flight = 9};
  const auto counted =
      cells_to_count({timed(cell, {"blocking", "callback-epoll"}), timed(other, {"blocking"}),
                      timed(cell, {"callback-epoll", "no-op"})});
  ASSERT_EQ(counted.size(), 2U);
  EXPECT_EQ(counted[0].cell, cell);
  EXPECT_EQ(counted[0].purpose, counted_purpose);
  EXPECT_EQ(names(counted[0]),
            (std::vector<std::string_view>{"blocking", "callback-epoll", "no-op"}));
  EXPECT_EQ(counted[1].cell, other);
}

TEST_F(CountedCells, AreNotThoseOfTheMemoryPass) {
  CellPlan cell = timed({}, {"callback-epoll"});
  cell.pass = Pass::memory;
  EXPECT_TRUE(cells_to_count({cell}).empty());
  EXPECT_TRUE(cells_to_script({cell}).empty());
}

TEST_F(CountedCells, HaveNobodyTwice) {
  CellPlan cell = timed({}, {"callback-epoll", "callback-epoll"});
  cell.entries[1].repeat = 1;
  cell.entries[1].cohort = 1;
  const auto counted = cells_to_count({cell});
  ASSERT_EQ(counted[0].entries.size(), 1U);
  EXPECT_EQ(counted[0].entries[0].repeat, 0U);
  EXPECT_EQ(counted[0].entries[0].cohort, 0U);
}

TEST_F(CountedCells, AreScriptedOncePerNumberInFlightDepthAndReplySize) {
  const Cell tcp{.in_flight = 8, .delay_us = 400};
  const Cell unix{.transport = Transport::unix, .in_flight = 8, .delay_us = 0};
  const Cell deep{.in_flight = 8, .depth = 4};
  const auto scripted =
      cells_to_script({timed(tcp, {"callback-epoll"}), timed(unix, {"callback-epoll"}),
                       timed(deep, {"callback-epoll"})});
  ASSERT_EQ(scripted.size(), 2U);
  EXPECT_EQ(scripted[0].cell.depth, 1U);
  EXPECT_EQ(scripted[1].cell.depth, 4U);
  EXPECT_EQ(scripted[0].entries.size(), 5U);
}

TEST(Counting, IsNothingUnlessAskedFor) {
  const Counting counting = plan_counting({});
  EXPECT_TRUE(counting.events.empty());
  EXPECT_FALSE(counting.instructions);
  EXPECT_TRUE(counting.refused.empty());
}

TEST(Counting, OfWhatWasAskedForIsEitherDoneOrRefusedWithAReason) {
  const std::vector<std::string> wanted = {"switches", "syscalls", "switches", "instructions",
                                           "migrations"};
  const Counting counting = plan_counting(wanted);
  EXPECT_EQ(counting.events.size() + (counting.instructions ? 1 : 0) + counting.refused.size(), 4U);
  for (const auto& [what, why] : counting.refused) EXPECT_NE(why, "") << what;
}

}  // namespace
}  // namespace waitbench
