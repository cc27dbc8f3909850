// The loads that are found for machines of different speed, which are played here.
#include "harness/run/calibration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/harness/mock_executor.hpp"

namespace waitbench {
namespace {

class CalibrationTest : public testing::Test {
 protected:
  // A machine on which a query of callback-epoll costs its client and the backend that much.
  // process-per-connection costs half as much again, and callback-io_uring two thirds.
  void play(double client_us, double backend_us) {
    play_.turn = [=, this](std::string_view name, std::size_t) {
      const double factor = name == "process-per-connection" ? 1.5
                            : name == "callback-io_uring"    ? 0.67
                                                             : 1;
      const double cost_us = client_us * factor + play_.cell.work_us;
      const double pace_us = std::max(
          {cost_us, backend_us, play_.cell.delay_us / static_cast<double>(play_.cell.in_flight)});
      return Turn{.queries = 100,
                  .queries_per_second = 1e6 / pace_us,
                  .client_cpu_us_per_query = cost_us,
                  .backend_cpu_us_per_query = backend_us};
    };
  }

  Loads calibrate(std::vector<const char*> names) {
    std::vector<const Participant*> models;
    for (const char* name : names) models.push_back(find_participant(participants_, name));
    return waitbench::calibrate(models, mock_options(play_));
  }

  Loads calibrate() {
    return calibrate({"callback-epoll", "blocking", "thread-pool", "callback-io_uring",
                      "process-per-connection"});
  }

  const std::vector<Participant> participants_ = all_participants();
  MockPlay play_;
};

TEST_F(CalibrationTest, TheCostliestModelIsAtMostHalfBusyAtTheMatchedLoad) {
  play(6, 5);
  const Loads fast = calibrate();
  EXPECT_EQ(fast.source, "measured");
  EXPECT_EQ(fast.query_interval_us, 20) << "18 us would be half of 9";
  EXPECT_EQ(fast.costliest, "process-per-connection");
  EXPECT_DOUBLE_EQ(fast.costliest_us, 9);
  EXPECT_DOUBLE_EQ(fast.client_share, 0.45);
  EXPECT_DOUBLE_EQ(fast.baseline_us, 6);
  play(17, 15);
  EXPECT_EQ(calibrate().query_interval_us, 60) << "51 us would be half of 25.5";
}

TEST_F(CalibrationTest, ALoadThatIsTooHeavyForWakeUpsIsLeftForALighterOne) {
  play(6, 5);
  const auto flat_out = play_.turn;
  play_.turn = [=, this](std::string_view name, std::size_t turn) {
    Turn played = flat_out(name, turn);
    if (play_.cell.delay_us > 0) played.client_cpu_us_per_query *= 2;
    return played;
  };
  const Loads loads = calibrate();
  EXPECT_EQ(loads.query_interval_us, 40) << "36 us would be half of 18";
  EXPECT_DOUBLE_EQ(loads.costliest_us, 18);
}

TEST_F(CalibrationTest, TheBackendHasASixthToSpareWithTheWorkPerReply) {
  play(6, 15);
  const Loads loads = calibrate();
  EXPECT_EQ(loads.work_us, 15) << "callback-io_uring needs 4 us of its own, and 18.1 are wanted";
  EXPECT_LE(loads.backend_share, 0.83);
  EXPECT_GT(loads.backend_share, 0.5);
}

TEST_F(CalibrationTest, ModelsThatCannotHaveTheWholeLoadInFlightHaveNoSay) {
  play(6, 5);
  const Loads loads = calibrate({"blocking", "thread-pool"});
  EXPECT_EQ(loads.source, "fixed");
  EXPECT_EQ(play_.count("start blocking"), 0U);
}

TEST_F(CalibrationTest, BrokersHaveNoSay) {
  play(6, 5);
  calibrate({"callback-epoll", "process-broker-threads", "process-broker-coroutines"});
  EXPECT_EQ(play_.count("start process-broker-threads"), 0U);
  EXPECT_EQ(play_.count("start process-broker-coroutines"), 0U);
  EXPECT_GT(play_.count("start callback-epoll"), 0U);
}

TEST_F(CalibrationTest, ModelsThatFailAreLeftOut) {
  play(6, 5);
  play_.fault = [](std::string_view step, std::string_view name, std::size_t) {
    if (step == "turn" && name == "process-per-connection") throw TrialFailed("a reply was wrong");
  };
  const Loads loads = calibrate();
  EXPECT_EQ(loads.source, "measured");
  EXPECT_EQ(loads.costliest, "callback-epoll");
  play_.fault = [](std::string_view, std::string_view, std::size_t) {
    throw TrialFailed("a reply was wrong");
  };
  EXPECT_EQ(calibrate().source, "fixed");
}

TEST_F(CalibrationTest, AMachineThatIsSlowerThanTheLadderIsLongHasItsLastRung) {
  play(5000, 5000);
  const Loads loads = calibrate();
  EXPECT_EQ(loads.query_interval_us, 1500);
}

}  // namespace
}  // namespace waitbench
