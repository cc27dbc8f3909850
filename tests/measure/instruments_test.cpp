// What the harness reads, against instruments that share nothing with it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/backend/endpoint.hpp"
#include "harness/run/counting/event_pass.hpp"
#include "harness/workloads/work.hpp"
#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"
#include "tests/measure/packet_capture.hpp"
#include "tests/measure/perf_stat.hpp"
#include "tests/measure/scheduler_trace.hpp"

namespace waitbench {
namespace {

constexpr double tolerance = 0.05;

TrialOrder order_for(const Cell& cell) {
  TrialOrder order;
  order.cell = cell;
  order.seed = 1;
  return order;
}

StageOptions options() {
  return {.placement = plan_placement(available_cpus()), .deadline_ns = 30 * ns_per_s};
}

// callback-epoll in one long turn, as the harness and as perf read it.
class PerfStatBeside : public testing::Test {
 protected:
  static constexpr std::uint64_t queries = 50'000;

  void SetUp() override {
    if (access(Perf::program, X_OK) != 0) GTEST_SKIP() << "perf is not installed";
    if (const std::string reason = objection_to(Event::switches); !reason.empty())
      GTEST_SKIP() << reason;
  }

  void run(double delay_us) {
    Stage stage(options());
    const TrialOrder order = order_for({.in_flight = 64, .delay_us = delay_us});
    RunningTrial& trial = stage.start(participant_named("callback-epoll"), order, 2 * queries);
    stage.take_turn(trial, queries / 10, nullptr);
    PerfStat perf(trial.process.pid());
    const Turn turn = stage.take_turn(trial, queries, nullptr);
    const PerfStat::Reading read = perf.stop();
    stage.finish(trial);
    cpu_us_ = turn.client_cpu_us_per_query;
    perf_cpu_us_ = read.cpu_ms * 1000 / queries;
    switches_ = turn.switches_voluntary_per_query + turn.switches_involuntary_per_query;
    perf_switches_ = read.switches / queries;
    for (const auto& [name, value] : {std::pair{"client_cpu_us_per_query", cpu_us_},
                                      {"perf_client_cpu_us_per_query", perf_cpu_us_},
                                      {"switches_per_query", switches_},
                                      {"perf_switches_per_query", perf_switches_}})
      RecordProperty(name, std::to_string(value));
  }

  double cpu_us_ = 0, perf_cpu_us_ = 0;  // per query
  double switches_ = 0, perf_switches_ = 0;
};

TEST_F(PerfStatBeside, AgreesOnCpuAndSwitchesWhereTheClientIsBusy) {
  run(0);
  EXPECT_NEAR(cpu_us_, perf_cpu_us_, tolerance * perf_cpu_us_);
  EXPECT_NEAR(switches_, perf_switches_, tolerance * perf_switches_);
}

// Where it sleeps between replies, the process clock has more, by some microseconds for each time
// that it is woken: it runs from the wake-up on, and perf's from when the process does.
TEST_F(PerfStatBeside, AgreesOnSwitchesAndHasLessCpuForEachWakeUpWhereTheClientSleeps) {
  run(3200);
  EXPECT_NEAR(switches_, perf_switches_, tolerance * perf_switches_);
  EXPECT_GE(cpu_us_, (1 - tolerance) * perf_cpu_us_);
  const double us_per_wake_up = (cpu_us_ - perf_cpu_us_) / switches_;
  RecordProperty("us_per_wake_up", std::to_string(us_per_wake_up));
  EXPECT_LE(us_per_wake_up, 50);
}

// The scheduler reads its clock when it queues a woken thread, and does not read it again when it
// switches to that: so what lies between is on the thread's account. By the kernel's tracepoints:
TEST(SchedulerTraceBeside, FindsThatTheProcessClockRunsFromTheWakeUpOn) {
  if (access(Perf::program, X_OK) != 0) GTEST_SKIP() << "perf is not installed";
  if (geteuid() != 0) GTEST_SKIP() << "to trace the scheduler needs root";
  constexpr std::uint64_t queries = 10'000;
  Stage stage(options());
  RunningTrial& trial = stage.start(participant_named("callback-epoll"),
                                    order_for({.in_flight = 64, .delay_us = 3200}), 8 * queries);
  std::vector<double> shares;  // of the process clock that the trace accounts for
  for (int i = 0; i < 5; ++i) {
    SchedulerTrace trace;
    const Turn turn = stage.take_turn(trial, queries, nullptr);
    const SchedulerTrace::Reading traced = trace.stop(trial.process.pid());
    const double clock_ms = turn.client_cpu_us_per_query * queries / 1000;
    EXPECT_LT(traced.ran_ms, (1 - tolerance) * clock_ms) << "there is nothing to explain";
    shares.push_back((traced.ran_ms + traced.until_runs_ms) / clock_ms);
  }
  stage.finish(trial);
  std::ranges::sort(shares);
  RecordProperty("lowest", std::to_string(shares.front()));
  RecordProperty("median", std::to_string(shares[2]));
  RecordProperty("highest", std::to_string(shares.back()));
  EXPECT_NEAR(shares[2], 1, tolerance);
}

class PerfEvents : public testing::TestWithParam<const char*> {};

TEST_P(PerfEvents, AgreeWithProcOnSwitches) {
  if (const std::string reason = objection_to(Event::switches); !reason.empty())
    GTEST_SKIP() << reason;
  const CellPlan plan{.purpose = "counted",
                      .cell = {.in_flight = 64, .delay_us = 3200},
                      .entries = {{&participant_named(GetParam())}},
                      .turn_queries = 10'000};
  const EventsResult result =
      count_events(
          plan, {Event::switches},
          {.placement = options().placement, .seed = 1, .deadline_ns = options().deadline_ns})
          .front();
  ASSERT_EQ(result.status, Status::ok) << result.reason;
  for (std::size_t i = 0; i < result.turns.size(); ++i) {
    const double by_proc = result.turns[i].switches_voluntary_per_query +
                           result.turns[i].switches_involuntary_per_query;
    EXPECT_NEAR(result.counts[i].per_query.at(Event::switches), by_proc, 0.02 * by_proc);
  }
}

INSTANTIATE_TEST_SUITE_P(Of, PerfEvents,
                         testing::Values("blocking", "thread-per-connection", "process-pool",
                                         "callback-epoll", "callback-io_uring"),
                         [](const auto& info) {
                           return test_name(&participant_named(info.param));
                         });

// The positive control burns so little for each reply that its loop is counted, not timed.
TEST(PlantedCpu, IsWhatItIsSaidToBe) {
  constexpr int replies = 100'000;
  constexpr double planted_ns = 300;
  const auto iterations =
      static_cast<std::uint64_t>(planted_ns / ns_per_us * burn_iterations_per_us());
  std::vector<double> measured_ns;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const std::int64_t before_ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < replies; ++i) burn(iterations);
    const std::int64_t ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
    measured_ns.push_back(static_cast<double>(ns) / replies);
  }
  std::ranges::sort(measured_ns);
  RecordProperty("median_ns", std::to_string(measured_ns[2]));
  EXPECT_NEAR(measured_ns[2], planted_ns, 0.1 * planted_ns);
}

// What was written down of a query, and what was seen of it on its way.
struct Sighting {
  LedgerRecord record;
  PacketCapture::Passage passage;

  double recorded_us() const {
    return static_cast<double>(record.end_ns - record.start_ns) / ns_per_us;
  }
  double captured_us() const {
    return static_cast<double>(passage.reply_ns - passage.request_ns) / ns_per_us;
  }
  // It was asked, passed, was received, and so back. Clocks are read a moment apart.
  bool is_in_order() const {
    constexpr std::int64_t slack_ns = 2'000;
    const std::int64_t stamps[] = {record.start_ns, passage.request_ns, record.received_ns,
                                   record.sent_ns,  passage.reply_ns,   record.end_ns};
    return std::ranges::is_sorted(
        stamps, [](std::int64_t later, std::int64_t sooner) { return later + slack_ns < sooner; });
  }
};

std::vector<Sighting> sightings(const Cell& cell, std::uint64_t queries) {
  Stage stage(options());
  RunningTrial& trial =
      stage.start(participant_named("callback-epoll"), order_for(cell), 2 * queries);
  const Address backend = backend::parse_endpoint(trial.order.endpoint);
  PacketCapture capture(ntohs(reinterpret_cast<const sockaddr_in*>(backend.get())->sin_port));
  const std::uint64_t first = trial.ledger.next_id();  // those before it have waited at the gate
  stage.take_turn(trial, queries, nullptr);
  std::vector<Sighting> sightings;
  for (const auto& [id, passage] : capture.stop())
    if (id >= first && trial.ledger.record(id).answers == 1 && passage.request_ns != 0 &&
        passage.reply_ns != 0)
      sightings.push_back({trial.ledger.record(id), passage});
  stage.finish(trial);
  return sightings;
}

double median(const std::vector<Sighting>& sightings, double (Sighting::*member)() const) {
  std::vector<double> values;
  for (const Sighting& sighting : sightings) values.push_back((sighting.*member)());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The client's clock runs a little longer than the wire's: it is read before a query is sent, and
// once the client was woken for the reply.
TEST(Latency, AgreesWithAPacketCapture) {
  if (!PacketCapture::allowed()) GTEST_SKIP() << "to capture packets needs root";
  constexpr std::uint64_t queries = 2000;
  const Cell cell = {.in_flight = 4, .delay_us = 4000, .delay_shape = DelayShape::constant};
  const std::vector<Sighting> seen = sightings(cell, queries);
  ASSERT_GE(seen.size(), queries * 99 / 100) << "packets were missed";
  const double recorded_us = median(seen, &Sighting::recorded_us);
  const double captured_us = median(seen, &Sighting::captured_us);
  RecordProperty("recorded_us", std::to_string(recorded_us));
  RecordProperty("captured_us", std::to_string(captured_us));
  EXPECT_NEAR(recorded_us, captured_us, tolerance * captured_us);
  EXPECT_GE(std::ranges::count_if(seen, &Sighting::is_in_order),
            static_cast<std::ptrdiff_t>(seen.size() * 999 / 1000));
}

}  // namespace
}  // namespace waitbench
