// From turns to entries: the empty loop is subtracted round by round, and unknown stays null.
#include "harness/switch/entry.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace waitbench::micro {
namespace {

TurnResult turn(double ns_per_operation) {
  return {.iterations = 1000, .real_s = ns_per_operation * 1e-6, .cpu_s = ns_per_operation * 1e-6};
}

class SwitchEntry : public testing::Test {
 protected:
  std::vector<Interference> quiet_ = {{0, 0}, {0.01, 0}, {0, 0.1}};
  Benchmark loop_{.family = "switch", .model = "loop", .role = "no-op", .operation = "nothing"};
  Benchmark fiber_{.family = "switch",
                   .model = "fiber",
                   .style = "fiber",
                   .operation = "a switch",
                   .axes = {.contexts = 2, .working_set_bytes = 0},
                   .baseline = "switch/loop"};
  std::vector<Measured> all_ = {{.benchmark = &loop_,
                                 .order = {0, 1, 0},
                                 .turns = {turn(1), turn(2), turn(3)},
                                 .interference = quiet_},
                                {.benchmark = &fiber_,
                                 .order = {1, 0, 1},
                                 .turns = {turn(11), turn(14), turn(103)},
                                 .interference = quiet_}};
};

TEST_F(SwitchEntry, HasTheLoopSubtractedWithinEachRound) {
  const auto entry = to_entries(all_)[1];
  const std::vector<double> net = entry["rounds"]["nanoseconds_per_operation"];
  ASSERT_EQ(net.size(), 3U);
  EXPECT_NEAR(net[0], 10, 1e-9);
  EXPECT_NEAR(net[1], 12, 1e-9);
  EXPECT_NEAR(net[2], 100, 1e-9);
  EXPECT_NEAR(entry["nanoseconds_per_operation"], 12, 1e-9);
  EXPECT_NEAR(entry["gross_nanoseconds_per_operation"], 14, 1e-9);
  EXPECT_EQ(entry["rounds"]["order"], nlohmann::json({1, 0, 1}));
}

TEST_F(SwitchEntry, OfTheLoopItselfIsWhatItTook) {
  const auto entry = to_entries(all_)[0];
  EXPECT_NEAR(entry["nanoseconds_per_operation"], 2, 1e-9);
  EXPECT_TRUE(entry["baseline"].is_null());
}

TEST_F(SwitchEntry, HasItsAxesAndNullForThoseItDoesNotHave) {
  const auto entry = to_entries(all_)[1];
  EXPECT_EQ(entry["name"], "switch/fiber/contexts:2/working_set:0");
  EXPECT_EQ(entry["contexts"], 2);
  EXPECT_EQ(entry["working_set_bytes"], 0);
  for (const char* axis : {"placement", "depth", "watched", "ready", "tasks"})
    EXPECT_TRUE(entry[axis].is_null()) << axis;
  EXPECT_EQ(entry["style"], "fiber");
  EXPECT_TRUE(entry["engine"].is_null());
}

TEST_F(SwitchEntry, ThatWasSkippedHasAReasonAndNoNumbers) {
  all_[1].status = Status::skipped;
  all_[1].reason = "there is but one core";
  all_[1].turns.clear();
  all_[1].order.clear();
  all_[1].interference.clear();
  const auto entry = to_entries(all_)[1];
  EXPECT_EQ(entry["status"], "skipped");
  EXPECT_EQ(entry["reason"], "there is but one core");
  for (const char* measure :
       {"nanoseconds_per_operation", "gross_nanoseconds_per_operation", "bytes_per_task"})
    EXPECT_TRUE(entry[measure].is_null()) << measure;
}

TEST_F(SwitchEntry, WhoseLoopFailedHasNoNetTime) {
  all_[0].status = Status::failed;
  all_[0].turns.clear();
  all_[0].interference.clear();
  const auto entry = to_entries(all_)[1];
  EXPECT_TRUE(entry["nanoseconds_per_operation"].is_null());
  EXPECT_TRUE(entry["rounds"]["nanoseconds_per_operation"].is_null());
  EXPECT_NEAR(entry["gross_nanoseconds_per_operation"], 14, 1e-9);
}

TEST_F(SwitchEntry, HasTheMedianOfWhatTasksWeigh) {
  for (double bytes = 100; TurnResult & turn : all_[1].turns) turn.bytes_per_task = bytes++;
  const auto entry = to_entries(all_)[1];
  EXPECT_EQ(entry["bytes_per_task"], 101);
  EXPECT_EQ(entry["rounds"]["bytes_per_task"], nlohmann::json({100, 101, 102}));
}

TEST_F(SwitchEntry, LeavesOutTheRoundsInWhichTheWeightIsUnknown) {
  all_[1].turns[0].bytes_per_task = 100;
  all_[1].turns[2].bytes_per_task = 104;
  const auto entry = nlohmann::json::parse(to_entries(all_)[1].dump());
  EXPECT_EQ(entry["bytes_per_task"], 102);
  EXPECT_EQ(entry["rounds"]["bytes_per_task"], nlohmann::json({100, nullptr, 104}));
}

TEST_F(SwitchEntry, SaysWhatOthersDidMeanwhile) {
  const auto entry = to_entries(all_)[1];
  EXPECT_EQ(entry["rounds"]["foreign_cpu_share"], nlohmann::json({0.0, 0.01, 0.0}));
  EXPECT_EQ(entry["rounds"]["steal_share"], nlohmann::json({0.0, 0.0, 0.1}));
  EXPECT_EQ(entry["flags"], nlohmann::json::array());
}

TEST_F(SwitchEntry, IsFlaggedWhenOthersUsedMoreThanALittleCpuInARound) {
  all_[1].interference[1].foreign_cpu_share = 0.03;
  EXPECT_EQ(to_entries(all_)[1]["flags"], nlohmann::json::array({"foreign-cpu"}));
}

TEST_F(SwitchEntry, IsNotFlaggedWhereTheKernelDoesNotTell) {
  all_[1].interference = {Interference{}, Interference{}, Interference{}};
  const auto entry = nlohmann::json::parse(to_entries(all_)[1].dump());
  EXPECT_EQ(entry["flags"], nlohmann::json::array());
  EXPECT_EQ(entry["rounds"]["foreign_cpu_share"], nlohmann::json({nullptr, nullptr, nullptr}));
}

TEST_F(SwitchEntry, SaysWhenItWasInterrupted) {
  all_[1].interrupted = true;
  EXPECT_EQ(to_entries(all_)[1]["flags"], nlohmann::json::array({"interrupted"}));
  EXPECT_EQ(to_entries(all_)[0]["flags"], nlohmann::json::array());
}

}  // namespace
}  // namespace waitbench::micro
