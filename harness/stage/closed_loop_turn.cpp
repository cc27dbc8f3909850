// The part of class Stage that reads what a turn of a closed loop came to, and what a turn of
// either loop has cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/stage/deadline_check.hpp"
#include "harness/stage/pipeline_check.hpp"
#include "harness/stage/stage.hpp"
#include "harness/stage/stamp_check.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

namespace {

// The rate is taken while all the queries of the cell are in flight: until the last one arrives.
void add_rate(Turn& turn, const control::Report& report, std::uint64_t queries,
              std::size_t max_in_flight) {
  const auto arrived =
      static_cast<double>(queries - std::min<std::uint64_t>(queries, max_in_flight));
  turn.wall_s = static_cast<double>(report.held_ns - report.opened_ns) / ns_per_s;
  turn.queries_per_second =
      arrived * ns_per_s / static_cast<double>(report.exhausted_ns - report.opened_ns);
}

// Each query was answered or cancelled, and the backend has heard of all that were sent. It may
// have answered more than the ledger has: a reply can be on its way when its query is cancelled.
void check_deadlines(const DeadlineCheck& deadlines, std::uint64_t queries, std::uint64_t answered,
                     std::uint64_t lost) {
  const std::uint64_t unsent = deadlines.cancelled_before_sent();
  if (deadlines.answered() + deadlines.cancelled() != queries ||
      answered + lost + unsent != queries || answered < deadlines.answered())
    throw TrialFailed(fmt::format(
        "{} queries were let through, of which the backend answered {} and lost {}; the ledger has "
        "{} that were answered and {} that were cancelled, {} of these before they were sent",
        queries, answered, lost, deadlines.answered(), deadlines.cancelled(), unsent));
  if (const std::string why = deadlines.objection(answered); !why.empty()) throw TrialFailed(why);
}

}  // namespace

Turn Stage::account(RunningTrial& trial, const control::Report& report, std::uint64_t queries,
                    Latency* latency) {
  InFlight in_flight(report.opened_ns, report.exhausted_ns);
  StampCheck stamps(conductor_->shares_our_clock());
  DeadlineCheck deadlines(trial.order.cell.deadline_us, report.opened_ns);
  const bool has_fan_outs = trial.order.cell.fan_out > 1;
  FanOutTimes fan_outs(trial.order.cell.fan_out);
  const std::size_t completed =
      trial.auditor.collect(trial.ledger, [&](const LedgerRecord& record) {
        deadlines.add(record);
        const bool is_cancelled = record.cancelled != Cancelled::no;
        if (!is_cancelled && !stamps.accepts(record)) return;
        in_flight.add(record.start_ns, record.end_ns);
        if (is_cancelled) return;
        // One that was to begin before the turn opened has waited for the gate, or a connection.
        if (latency == nullptr || record.intended_start_ns < report.opened_ns) return;
        latency->add(record, conductor_->shares_our_clock());
        if (has_fan_outs) fan_outs.add(record, *latency);
      });
  for (const std::uint64_t id : trial.auditor.open())
    if (const LedgerRecord& record = trial.ledger.record(id); record.id == id)
      in_flight.add(record.start_ns, 0);  // else it is reserved, and not begun
  const std::uint64_t answered = report.answered - std::exchange(trial.answered, report.answered);
  const std::uint64_t lost = report.lost - std::exchange(trial.lost, report.lost);
  trial.completed += completed;
  if (trial.order.cell.deadline_us > 0)
    check_deadlines(deadlines, queries, answered, lost);
  else if (answered != queries || (trial.order.batch == 1 && completed != queries))
    throw TrialFailed(
        fmt::format("{} queries were let through, the backend answered {}, and the "
                    "ledger has {}",
                    queries, answered, completed));
  if (trial.ledger.failed()) throw TrialFailed(trial.ledger.failure());
  if (!stamps.objection().empty()) throw BackendFailed(stamps.objection());

  Turn turn = account_costs(trial, report, completed, answered);
  turn.queries = completed;
  turn.cancelled = deadlines.cancelled();
  add_rate(turn, report, queries, trial.max_in_flight);
  turn.in_flight_mean = in_flight.mean();
  if (has_fan_outs && trial.participant->joins_threads)
    turn.switches_voluntary_per_query = turn.switches_involuntary_per_query = std::nan("");
  return turn;
}

// Where clients rest between turns, each has one query to end first that it rested in. It has cost
// something, too, so what the turn has cost is divided by those as well. Behind the workers of a
// pool further clients may have begun to rest.
Turn Stage::account_with_rests(RunningTrial& trial, const control::Report& report,
                               std::uint64_t queries, Latency* latency) {
  InFlight in_flight(report.opened_ns, report.exhausted_ns);
  PipelineCheck pipelines(trial.order.cell);
  std::uint64_t begun = 0;
  const std::size_t completed =
      trial.auditor.collect(trial.ledger, [&](const LedgerRecord& record) {
        if (record.intended_start_ns == 0) return;  // a rest query
        ++begun;
        in_flight.add(record.start_ns, record.end_ns);
        pipelines.add(record);
        if (latency != nullptr && record.start_ns >= report.opened_ns)
          latency->add(record, conductor_->shares_our_clock());
      });
  trial.completed += completed;
  trial.credited += begun;
  const std::uint64_t rested = completed - begun;
  const std::uint64_t fewest =
      trial.fewest_in_flight == 0 ? trial.in_flight_when_held : trial.fewest_in_flight;
  if (begun != queries || rested < fewest || rested > trial.order.cell.in_flight)
    throw TrialFailed(fmt::format(
        "{} queries were let through to {} clients at rest, and the ledger has {} and {}", queries,
        fewest, begun, rested));
  const std::uint64_t answered = report.answered - std::exchange(trial.answered, report.answered);
  if (conductor_->counts_each_turn() && answered != completed)
    throw TrialFailed(
        fmt::format("the backend answered {} queries, and the ledger has {}", answered, completed));
  if (trial.ledger.failed()) throw TrialFailed(trial.ledger.failure());
  if (!pipelines.objection().empty()) throw TrialFailed(pipelines.objection());
  Turn turn = account_costs(trial, report, completed, completed);
  turn.queries = begun;
  add_rate(turn, report, queries, trial.max_in_flight);
  turn.in_flight_mean = in_flight.mean();
  return turn;
}

// What a guest is credited with is what the backend has counted: each of its queries but the first
// of a connection proves that the reply before it was read.
Turn Stage::account_by_backend(RunningTrial& trial, const control::Report& report,
                               std::uint64_t queries, Latency* latency) {
  const std::uint64_t answered = report.answered - std::exchange(trial.answered, report.answered);
  if (answered != queries)
    throw TrialFailed(
        fmt::format("{} queries were let through, and the backend answered {}", queries, answered));
  Turn turn = account_costs(trial, report, answered, answered);
  turn.queries = answered;
  add_rate(turn, report, queries, trial.max_in_flight);
  turn.in_flight_mean = std::nan("");  // there are no stamps of when a guest sent its queries
  if (latency == nullptr) return turn;
  const Histogram cycles_ns = this->cycles_ns(trial);
  if (cycles_ns.total() > queries)
    throw BackendFailed(
        fmt::format("the backend reported {} cycles of {} queries", cycles_ns.total(), queries));
  latency->corrected_ns.add(cycles_ns);
  latency->uncorrected_ns.add(cycles_ns);
  return turn;
}

// What the turn has cost, for each query that the ledger has as completed; a no-op completes more
// than the backend answered.
Turn Stage::account_costs(RunningTrial& trial, const control::Report& report,
                          std::uint64_t completed, std::uint64_t answered) {
  const auto per_query = [completed](auto sum) {
    return static_cast<double>(sum) / static_cast<double>(completed);
  };
  const Counters before = std::exchange(trial.counters, trial.tree.read());
  const Counters& after = trial.counters;
  Turn turn;
  turn.client_cpu_us_per_query = per_query(after.cpu_ns - before.cpu_ns) / ns_per_us;
  turn.backend_cpu_us_per_query = per_query(report.cpu_held_ns - report.cpu_opened_ns) / ns_per_us;
  turn.switches_voluntary_per_query =
      per_query(after.switches_voluntary - before.switches_voluntary);
  turn.switches_involuntary_per_query =
      per_query(after.switches_involuntary - before.switches_involuntary);
  turn.in_flight_peak_backend = static_cast<std::uint32_t>(report.peak);
  turn.delay_error_mean_us =
      static_cast<double>(report.delay_error_sum_ns) / static_cast<double>(answered) / ns_per_us;
  turn.delay_error_max_us = static_cast<double>(report.delay_error_max_ns) / ns_per_us;
  return turn;
}

}  // namespace waitbench
