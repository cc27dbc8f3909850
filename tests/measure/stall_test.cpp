// A stall that was planted must show where it belongs: the p99 from the schedule says what
// arithmetic says, and the p99 from the actual start, which a load generator that waits for its
// replies would report, hardly knows of it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

constexpr double rate_qps = 2000;
constexpr double seconds = 2;
constexpr std::size_t clients = 8;  // fewer than the 40 queries that are 1% of the turn

Turn take_turn(Stage& stage, RunningTrial& trial, Latency* latency) {
  return stage.take_turn(trial, make_schedule(Arrivals::constant, rate_qps, seconds, 1), latency);
}

// Stops the backend for 200 ms in the midst of a turn. Gives how long it was, in ms.
double take_stalled_turn(Stage& stage, RunningTrial& trial, Latency& latency) {
  double stall_ms = 0;
  {
    const std::jthread staller([&, backend = stage.backend_pid()] {
      usleep(800'000);
      const std::int64_t from_ns = now_ns();
      kill(backend, SIGSTOP);
      usleep(200'000);
      kill(backend, SIGCONT);
      stall_ms = static_cast<double>(now_ns() - from_ns) / ns_per_ms;
    });
    take_turn(stage, trial, &latency);
  }
  return stall_ms;
}

class PlantedStall : public testing::TestWithParam<const char*> {};

// A query that is due `t` after the stall began waits for what is left of it, 200 ms - t, and for
// those before it to be served, which is `t` times the rate over the capacity. A stall of 200 ms in
// 2 s meets a tenth of the queries; so 1% of all are those due within the first tenth of it.
TEST_P(PlantedStall, MovesTheCorrectedP99ByWhatArithmeticSaysAndNotTheUncorrected) {
  Stage stage({.placement = plan_placement(available_cpus()), .deadline_ns = 30 * ns_per_s});
  TrialOrder order;
  order.cell = {.in_flight = clients,
                .delay_us = 200,
                .delay_shape = DelayShape::constant,
                .reply_bytes = 64,
                .rate_qps = rate_qps,
                .arrivals = Arrivals::constant};
  RunningTrial& trial = stage.start(participant_named(GetParam()), order, 20'000);
  Latency calm, stalled;
  take_turn(stage, trial, &calm);
  const double stall_ms = take_stalled_turn(stage, trial, stalled);
  stage.finish(trial);

  const double usual_ms = calm.uncorrected_ns.percentile(0.5) / ns_per_ms;
  const double capacity_qps = 1000 * clients / usual_ms;
  const double due_after_ms = 0.01 * seconds * 1000;
  const double expected_ms = stall_ms - due_after_ms * (1 - rate_qps / capacity_qps) + usual_ms;
  RecordProperty("expected_ms", std::to_string(expected_ms));
  RecordProperty("corrected_p99_ms",
                 std::to_string(stalled.corrected_ns.percentile(0.99) / ns_per_ms));
  RecordProperty("uncorrected_p99_ms",
                 std::to_string(stalled.uncorrected_ns.percentile(0.99) / ns_per_ms));
  EXPECT_NEAR(stalled.corrected_ns.percentile(0.99) / ns_per_ms, expected_ms, 0.05 * expected_ms);
  EXPECT_LT(stalled.uncorrected_ns.percentile(0.99) / ns_per_ms, 0.05 * expected_ms);
  EXPECT_GT(static_cast<double>(stalled.uncorrected_ns.max()) / ns_per_ms, 0.9 * stall_ms);
}

INSTANTIATE_TEST_SUITE_P(Of, PlantedStall,
                         testing::Values("callback-epoll", "coroutine-io_uring", "fiber-libuv",
                                         "thread-per-connection", "process-per-connection"),
                         [](const auto& info) {
                           return test_name(&participant_named(info.param));
                         });

// In a quiet turn, the stamps of client and backend tell the same story: their order holds, so the
// parts add up, for 99.9% of the queries and more.
TEST(LatencyParts, AddUpForNearlyEveryQuery) {
  for (const double offered_qps : {0.0, 5000.0}) {
    Stage stage({.placement = plan_placement(available_cpus()), .deadline_ns = 30 * ns_per_s});
    TrialOrder order;
    order.cell = {.delay_us = 1000, .rate_qps = offered_qps};
    RunningTrial& trial = stage.start(participant_named("callback-epoll"), order, 50'000);
    Latency latency;
    if (order.cell.is_open_loop())
      take_turn(stage, trial, &latency);
    else
      stage.take_turn(trial, 20'000, &latency);
    stage.finish(trial);
    const auto all = static_cast<double>(latency.corrected_ns.total());
    EXPECT_GE(static_cast<double>(latency.parts_ns[0].total()), 0.999 * all);
    double sum_ns = 0;
    for (const Histogram& part_ns : latency.parts_ns) sum_ns += part_ns.mean();
    EXPECT_NEAR(sum_ns, latency.corrected_ns.mean(), 1000);
  }
}

}  // namespace
}  // namespace waitbench
