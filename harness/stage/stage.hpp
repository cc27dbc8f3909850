// The stage of one invocation: a backend and the trials of a cell, each a fresh process, all alive
// at once and held at the backend's gate. On it the harness gives one trial after the other a turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/backend/gate_client.hpp"
#include "harness/backend/launch.hpp"
#include "harness/machine/counters.hpp"
#include "harness/machine/placement.hpp"
#include "harness/os/process.hpp"
#include "harness/stage/auditor.hpp"
#include "harness/stage/latency.hpp"
#include "harness/trial/trial.hpp"
#include "harness/workloads/ledger.hpp"
#include "harness/workloads/timetable.hpp"

namespace waitbench {

// The trial has no result, for the reason that what() gives.
struct TrialFailed : std::runtime_error {
  explicit TrialFailed(const std::string& reason,
                       std::optional<std::uint32_t> in_flight_peak = std::nullopt)
      : std::runtime_error(reason), in_flight_peak_backend(in_flight_peak) {}

  // The most queries that the backend saw in flight, where the trial failed over their number.
  std::optional<std::uint32_t> in_flight_peak_backend;
};

// No trial of the stage can go on, for the reason that what() gives.
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
  std::uint64_t backlog = 0;  // open loop: queries due within the turn, and not begun at its end
};

struct RunningTrial {
  const Participant* participant = nullptr;
  TrialOrder order;
  std::size_t max_in_flight = 0;
  Ledger ledger;
  std::optional<Timetable> timetable;  // open loop
  Process process;
  Auditor auditor;
  TreeCounters tree;
  Counters counters;            // as read when it was held last
  std::uint64_t answered = 0;   // by the backend's count
  std::uint64_t completed = 0;  // by the ledger's
};

struct StageOptions {
  Placement placement;
  std::int64_t deadline_ns =
      0;  // for whatever has no time of its own: to start, to rendezvous, to end
  std::size_t padding_bytes = 0;
};

class Stage {
 public:
  // Starts the backend, unless the placement has one elsewhere. Throws BackendFailed.
  explicit Stage(const StageOptions& options);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Starts a trial, and waits until it is held with all the queries in flight that it can have: the
  // rendezvous. `order` needs neither endpoint, nor ledger, nor timetable, nor number. Throws
  // TrialFailed, BackendFailed or Interrupted, as do the next three.
  RunningTrial& start(const Participant& participant, TrialOrder order, std::size_t ledger_queries);

  // Lets the trial have `queries` answered, and waits until it is held again. The latency of each
  // query that lies wholly within the turn is added to `latency`, unless that is null.
  Turn take_turn(RunningTrial& trial, std::uint64_t queries, Latency* latency);

  // Open loop: lets the schedule come upon the trial, and waits until it is over and the trial is
  // held again. The latency of each query of the schedule that was begun is added to `latency`.
  Turn take_turn(RunningTrial& trial, const Schedule& schedule, Latency* latency);

  // Ends the trial in good order, and checks its last accounts.
  void finish(RunningTrial& trial);

  // Ends the trial at once.
  void abandon(RunningTrial& trial);

  pid_t backend_pid() const { return backend_.pid(); }

 private:
  void give_order(RunningTrial& trial, const std::function<void()>& order);
  wire::Report await_held(RunningTrial& trial, std::int64_t deadline_ns);
  void await_news(RunningTrial& trial, std::int64_t deadline_ns);
  void check_alive(RunningTrial& trial);
  [[noreturn]] void fail_late(RunningTrial& trial);
  Turn account(RunningTrial& trial, const wire::Report& report, std::uint64_t queries,
               Latency* latency);
  Turn account(RunningTrial& trial, const wire::Report& report, const Schedule& schedule,
               std::int64_t begins_ns, Latency* latency);
  Turn account_costs(RunningTrial& trial, const wire::Report& report, std::uint64_t completed,
                     std::uint64_t answered);

  StageOptions options_;
  Backend backend_;
  GateClient gate_client_;
  std::vector<std::unique_ptr<RunningTrial>> trials_;
};

}  // namespace waitbench
