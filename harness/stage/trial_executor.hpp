// What a pass asks of the object that runs its trials: start them, give them turns, end them.
// Stage does it with processes; the tests of the passes have one that plays failures.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "harness/machine/placement.hpp"
#include "harness/stage/latency.hpp"
#include "harness/trial/trial.hpp"
#include "harness/workloads/arrivals.hpp"

namespace waitbench {

// The trial has no result, for the reason that what() gives.
struct TrialFailed : std::runtime_error {
  explicit TrialFailed(const std::string& reason,
                       std::optional<std::uint32_t> in_flight_peak = std::nullopt)
      : std::runtime_error(reason), in_flight_peak_backend(in_flight_peak) {}

  // The most queries that the backend saw in flight, where the trial failed over their number.
  std::optional<std::uint32_t> in_flight_peak_backend;
};

// No trial can go on, for the reason that what() gives.
struct BackendFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What was read of one turn.
struct Turn {
  std::uint64_t queries = 0;
  double wall_s = 0;
  // Closed loop: while as many were in flight as can be. Open loop: begun within the turn.
  double queries_per_second = 0;
  double client_cpu_us_per_query = 0;
  double backend_cpu_us_per_query = 0;
  double switches_voluntary_per_query = 0;
  double switches_involuntary_per_query = 0;
  double in_flight_mean = 0;
  double delay_error_mean_us = 0;
  double delay_error_max_us = 0;
  std::uint32_t in_flight_peak_backend = 0;
  std::uint64_t cancelled = 0;  // of the queries, where they have a deadline
  std::uint64_t backlog = 0;    // open loop: queries due within the turn, and not begun at its end
  double held_cpu_us = 0;       // CPU time that the trial used between this turn and the one before
  bool harness_stopped = false;  // for part of the turn, the harness did not run
};

// A running trial, as a pass sees it.
struct TrialHandle {
  pid_t pid = 0;
};

class TrialExecutor {
 public:
  virtual ~TrialExecutor() = default;

  // Starts a trial, and waits until it is held with all the queries in flight that it can have: the
  // rendezvous. `order` needs neither endpoint, nor ledger, nor timetable, nor number. Throws
  // TrialFailed, BackendFailed or Interrupted, as do the next three.
  virtual TrialHandle& start(const Participant& participant, TrialOrder order,
                             std::size_t ledger_queries) = 0;

  // Lets the trial have `queries` answered, and waits until it is held again. The latency of each
  // query that lies wholly within the turn is added to `latency`, unless that is null.
  virtual Turn take_turn(TrialHandle& trial, std::uint64_t queries, Latency* latency) = 0;

  // Open loop: lets the trial follow the schedule, and waits until it is over and the trial is held
  // again. The latency of each query of the schedule that was begun is added to `latency`.
  virtual Turn take_turn(TrialHandle& trial, const Schedule& schedule, Latency* latency) = 0;

  // Ends the trial in good order, and checks its last accounts.
  virtual void finish(TrialHandle& trial) = 0;

  // Ends the trial at once.
  virtual void abandon(TrialHandle& trial) = 0;
};

struct StageOptions {
  std::string_view workload = "delay";  // which the backend serves
  Placement placement;
  // To start, to rendezvous, to end; and for a turn, beside five times what it is expected to take.
  std::int64_t deadline_ns = 0;
  std::size_t padding_bytes = 0;
  bool times_cycles = false;  // of models, too, whose latencies the ledger has: see Stage
};

// What makes an executor for some trials that are alive together. Throws BackendFailed.
using MakeExecutor = std::function<std::unique_ptr<TrialExecutor>(const StageOptions&)>;

}  // namespace waitbench
