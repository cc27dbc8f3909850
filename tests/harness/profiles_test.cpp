// The profiles, and who enters their cells.
#include "harness/run/profiles.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace waitbench {
namespace {

using Names = std::vector<std::string>;

// "name" or "name/entry".
Names names_of(const std::vector<Entry>& entries) {
  Names names;
  for (const Entry& entry : entries)
    names.push_back(std::string(entry.participant->name) +
                    (entry.repeat == 0 ? "" : "/" + std::to_string(entry.repeat)));
  return names;
}

class LineupEntries : public testing::Test {
 protected:
  Names of(Lineup lineup, std::initializer_list<const char*> names, double planted_ns = 0) const {
    std::vector<const Participant*> models;
    for (const char* name : names) models.push_back(find_participant(everybody_, name));
    return names_of(entries_for(lineup, models, everybody_, planted_ns));
  }

  std::vector<Participant> everybody_ = all_participants();
};

TEST_F(LineupEntries, BeginWithTheBaselineEnteredFourTimes) {
  EXPECT_EQ(of(Lineup::models, {"blocking", "callback-epoll", "coroutine-epoll"}),
            (Names{"callback-epoll", "callback-epoll/1", "callback-epoll/2", "callback-epoll/3",
                   "blocking", "coroutine-epoll"}));
}

TEST_F(LineupEntries, TakeTheFirstAsBaselineWhereTheUsualOneWasNotChosen) {
  EXPECT_EQ(of(Lineup::models, {"blocking", "coroutine-epoll"}),
            (Names{"blocking", "blocking/1", "blocking/2", "blocking/3", "coroutine-epoll"}));
}

TEST_F(LineupEntries, HaveThePositiveControlWhereCpuTimeIsPlantedAndTheUsualBaselineIsThere) {
  EXPECT_EQ(of(Lineup::models, {"callback-epoll", "coroutine-epoll"}, 400).back(),
            "positive-control");
  EXPECT_EQ(of(Lineup::models, {"blocking", "coroutine-epoll"}, 400).back(), "coroutine-epoll");
  EXPECT_EQ(of(Lineup::seam, {"callback-epoll"}, 400).back(), "no-op");
  EXPECT_EQ(of(Lineup::one_for_many, {"callback-epoll"}, 400).back(), "callback-epoll/6");
}

TEST_F(LineupEntries, HaveTheCounterpartsOfThoseChosenAndTheNoOpWhereTheSeamIsPriced) {
  EXPECT_EQ(of(Lineup::seam, {"callback-epoll", "coroutine-epoll"}),
            (Names{"callback-epoll", "callback-epoll/1", "coroutine-epoll",
                   "handwritten-callback-epoll", "handwritten-coroutine-epoll", "no-op"}));
}

TEST_F(LineupEntries, AreOneModelManyTimesToSeeWhatTheMethodMakesOfIt) {
  const Names names = of(Lineup::one_for_many, {"blocking", "callback-epoll"});
  EXPECT_GT(names.size(), 4U);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const std::string& name : names) EXPECT_TRUE(name.starts_with("callback-epoll")) << name;
}

TEST_F(LineupEntries, HaveNobodyTwiceWhereNothingIsComparedWithinRounds) {
  EXPECT_EQ(of(Lineup::each_once, {"blocking", "callback-epoll", "coroutine-epoll"}),
            (Names{"blocking", "callback-epoll", "coroutine-epoll"}));
}

TEST(Profiles, PlantCpuTimeWhereTheyRankCost) {
  for (const Profile& profile : profiles())
    for (const CellPlan& cell : profile.cells) {
      if (cell.lineup != Lineup::models) continue;
      EXPECT_EQ(cell.planted_ns > 0, cell.cell.delay_us > 0)
          << profile.name << ": " << cell.purpose << " " << cell_name(cell.cell);
    }
}

TEST(Profiles, AreSmokeQuickAndFull) {
  Names names;
  for (const Profile& profile : profiles()) names.emplace_back(profile.name);
  EXPECT_EQ(names, (Names{"smoke", "quick", "full", "guests"}));
}

// Entries are told apart by purpose and cell: a profile that has both twice cannot be read back.
TEST(Profiles, HaveNoCellTwiceForOnePurpose) {
  for (const Profile& profile : profiles()) {
    std::set<std::string> seen;
    for (const CellPlan& cell : profile.cells)
      EXPECT_TRUE(seen.insert(cell.purpose + " " + cell_name(cell.cell)).second)
          << profile.name << ": " << cell.purpose << " " << cell_name(cell.cell);
  }
}

}  // namespace
}  // namespace waitbench
