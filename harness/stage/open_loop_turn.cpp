// The part of class Stage that gives turns in an open loop. Before the turn the trial is held with
// each of its clients at rest. The timetable is posted, the gate lets the rest queries go, and from
// then on the clients follow the timetable. The turn ends by the clock, not by a count: a model
// that cannot keep up is late, and what it has not begun by then is its backlog. A client rests
// again when it finds nothing more to begin, and when all rest the trial is held.
#include <fmt/format.h>

#include <utility>

#include "harness/stage/stage.hpp"
#include "harness/stage/stamp_check.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// Time for the clients to leave their rest, and for each to find out when its first query is due.
std::int64_t lead_ns(const RunningTrial& trial) {
  constexpr std::int64_t each_ns = 50 * ns_per_us;
  return 20 * ns_per_ms + each_ns * static_cast<std::int64_t>(trial.order.cell.in_flight);
}

}  // namespace

Turn Stage::take_turn(TrialHandle& handle, const Schedule& schedule, Latency* latency) {
  RunningTrial& trial = running(handle);
  return naming_the_culprit([&] {
    // At the end each client may have a query to finish, and a rest query to begin.
    const std::uint64_t left_over = 2 * trial.order.cell.in_flight;
    const std::int64_t length_ns = lead_ns(trial) + schedule.length_ns;
    Deadline deadline(length_ns + turn_grace_ns(options_.deadline_ns) +
                      turn_limit_ns(trial.order, trial.max_in_flight, left_over));
    const std::int64_t held_cpu_ns = read_at_opening(trial);
    const std::int64_t begins_ns = now_ns() + lead_ns(trial);
    trial.timetable->post(schedule.offsets_ns, begins_ns, begins_ns + schedule.length_ns);
    const std::uint64_t late_rests = trial.order.cell.in_flight - trial.max_in_flight;
    ask_backend([&] { conductor_->run(trial.order.number, late_rests); });
    const control::Report report = await_held(trial, deadline);
    Turn turn = account(trial, report, schedule, begins_ns, latency);
    turn.held_cpu_us = static_cast<double>(held_cpu_ns) / ns_per_us;
    turn.harness_stopped = deadline.stopped_ns() > 0;
    return turn;
  });
}

Turn Stage::account(RunningTrial& trial, const control::Report& report, const Schedule& schedule,
                    std::int64_t begins_ns, Latency* latency) {
  const std::int64_t ends_ns = begins_ns + schedule.length_ns;
  InFlight in_flight(begins_ns, ends_ns);
  StampCheck stamps(conductor_->shares_our_clock());
  std::uint64_t begun = 0, in_time = 0;
  const std::size_t completed =
      trial.auditor.collect(trial.ledger, [&](const LedgerRecord& record) {
        if (!stamps.accepts(record)) return;
        if (record.intended_start_ns < begins_ns) return;  // a rest query
        ++begun;
        in_time += record.start_ns <= ends_ns;
        in_flight.add(record.start_ns, record.end_ns);
        if (latency != nullptr) latency->add(record, conductor_->shares_our_clock());
      });
  const std::uint64_t answered = report.answered - std::exchange(trial.answered, report.answered);
  trial.completed += completed;
  trial.credited += begun;
  if (conductor_->counts_each_turn() && answered != completed)
    throw TrialFailed(
        fmt::format("the backend answered {} queries, and the ledger has {}", answered, completed));
  if (trial.ledger.failed()) throw TrialFailed(trial.ledger.failure());
  if (!stamps.objection().empty()) throw BackendFailed(stamps.objection());

  // There is no query to divide by. In a turn to warm up, which nobody records, that is no failure.
  if (begun == 0 && latency != nullptr)
    throw TrialFailed(fmt::format("it began none of the {} queries of a turn's schedule",
                                  schedule.offsets_ns.size()));

  Turn turn = account_costs(trial, report, completed, completed);
  turn.queries = begun;
  turn.backlog = schedule.offsets_ns.size() - in_time;
  turn.wall_s = static_cast<double>(schedule.length_ns) / ns_per_s;
  turn.queries_per_second = static_cast<double>(in_time) / turn.wall_s;
  turn.in_flight_mean = in_flight.mean();
  return turn;
}

}  // namespace waitbench
