// Stage runs trials for real: a backend and the trials of a cell, each a fresh process, all alive
// at once and held at the backend's gate. The harness gives one trial after the other a turn.
// The turns of an open loop are in open_loop_turn.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "harness/backend/conductor.hpp"
#include "harness/backend/launch.hpp"
#include "harness/machine/counters.hpp"
#include "harness/machine/placement.hpp"
#include "harness/os/deadline.hpp"
#include "harness/os/process.hpp"
#include "harness/stage/auditor.hpp"
#include "harness/stage/latency.hpp"
#include "harness/stage/trial_executor.hpp"
#include "harness/trial/trial.hpp"
#include "harness/workloads/ledger.hpp"
#include "harness/workloads/timetable.hpp"

namespace waitbench {

struct RunningTrial : TrialHandle {
  RunningTrial(const Participant& who, TrialOrder its_order, Ledger its_ledger,
               std::unique_ptr<Timetable> its_timetable, Process its_process)
      : TrialHandle{its_process.pid()},
        participant(&who),
        order(std::move(its_order)),
        max_in_flight(who.max_in_flight(order.cell)),
        in_flight_when_held(who.in_flight_when_held(order.cell)),
        fewest_in_flight(order.cell.fewest_in_flight()),
        ledger(std::move(its_ledger)),
        timetable(std::move(its_timetable)),
        process(std::move(its_process)),
        tree(pid) {}

  const Participant* participant;
  TrialOrder order;
  std::size_t max_in_flight;
  std::size_t in_flight_when_held;
  std::uint64_t fewest_in_flight;  // when it is held after a turn; 0: in_flight_when_held
  Ledger ledger;
  std::unique_ptr<Timetable> timetable;  // open loop, or where clients rest between turns
  Process process;
  Auditor auditor;
  TreeCounters tree;
  Counters counters;            // as read when it was held last
  std::uint64_t answered = 0;   // by the backend's count
  std::uint64_t lost = 0;       // the same, of those whose connections went away
  std::uint64_t completed = 0;  // by the ledger's
  std::uint64_t credited = 0;   // of those, the ones that turns were given for
};

class Stage final : public TrialExecutor {
 public:
  // Starts the backend, unless the placement has one elsewhere. Throws BackendFailed.
  explicit Stage(const StageOptions& options);
  ~Stage() override;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  RunningTrial& start(const Participant& participant, TrialOrder order,
                      std::size_t ledger_queries) override;
  Turn take_turn(TrialHandle& trial, std::uint64_t queries, Latency* latency) override;
  Turn take_turn(TrialHandle& trial, const Schedule& schedule, Latency* latency) override;
  void finish(TrialHandle& trial) override;
  void abandon(TrialHandle& trial) override;

  // How long the cycles of the trial's last turn took, from one reply to the next on a connection:
  // of a guest, and of all where the options ask for it.
  Histogram cycles_ns(TrialHandle& trial);

  std::string_view workload() const { return options_.workload; }
  pid_t backend_pid() const { return backend_->pid(); }

 private:
  // Every handle that a stage gave is a running trial of it.
  static RunningTrial& running(TrialHandle& trial) { return static_cast<RunningTrial&>(trial); }

  // Does something with a trial. When that fails since the backend has ended, it throws
  // BackendFailed: the trial may have been the first to notice.
  template <class Action>
  auto naming_the_culprit(Action action) {
    try {
      return action();
    } catch (const TrialFailed&) {
      ask_backend([&] { conductor_->statistics(0); });  // it lives if it answers
      throw;
    }
  }

  RunningTrial& launch(const Participant& participant, TrialOrder order,
                       std::size_t ledger_queries);
  void ask_backend(const std::function<void()>& request);
  control::Report await_held(RunningTrial& trial, Deadline& deadline);
  std::optional<control::Report> await_report(RunningTrial& trial, Deadline& deadline);
  static std::int64_t read_at_opening(RunningTrial& trial);
  void check_alive(RunningTrial& trial);
  void blame_offence(const RunningTrial& trial);
  [[noreturn]] void fail_late(RunningTrial& trial);
  void end(RunningTrial& trial);
  Turn account(RunningTrial& trial, const control::Report& report, std::uint64_t queries,
               Latency* latency);
  Turn account_with_rests(RunningTrial& trial, const control::Report& report, std::uint64_t queries,
                          Latency* latency);
  Turn account_by_backend(RunningTrial& trial, const control::Report& report, std::uint64_t queries,
                          Latency* latency);
  Turn account(RunningTrial& trial, const control::Report& report, const Schedule& schedule,
               std::int64_t begins_ns, Latency* latency);
  Turn account_costs(RunningTrial& trial, const control::Report& report, std::uint64_t completed,
                     std::uint64_t answered);

  StageOptions options_;
  std::shared_ptr<Backend> backend_;
  std::unique_ptr<Conductor> conductor_;
  std::vector<std::unique_ptr<RunningTrial>> trials_;
};

inline std::unique_ptr<TrialExecutor> make_stage(const StageOptions& options) {
  return std::make_unique<Stage>(options);
}

}  // namespace waitbench
