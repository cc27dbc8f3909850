#include "harness/run/memory_pass.hpp"

#include <string>

#include "harness/os/interrupt.hpp"
#include "harness/stage/stage.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::size_t fraction = 4;  // the smaller of two trials has one in so many connections

// Why the participant has no memory per connection in this cell, as a clause; empty when it has.
std::string objection(const Participant& participant, const Cell& cell) {
  if (!participant.is_concurrent()) return "it has one connection open, however many it is given";
  if (cell.connections == Connections::fresh) return "only connections that are kept can be held";
  if (cell.in_flight < fraction) return "it takes four in flight to tell what one more costs";
  return participant.objection(cell);
}

// The cell with fewer connections. Not with a single one: a trial's first connections take up what
// the kernel has left over from former ones, and would seem to cost less than they do.
Cell fewer_of(Cell cell) {
  cell.in_flight /= fraction;
  cell.idle /= fraction;
  return cell;
}

// What there is while all the cell's connections are open and the trial is held at the gate. Each
// conversation has been answered before, since a pool opens a connection with its first query; and
// what a query leaves behind is then there too.
Memory memory_when_held(Stage& stage, const Participant& participant, const Cell& cell,
                        std::uint64_t seed) {
  constexpr std::int64_t settling_ns = ns_per_s;
  TrialOrder order;
  order.cell = cell;
  order.seed = seed;
  const std::size_t queries = 2 * cell.in_flight;
  RunningTrial& trial = stage.start(participant, order, 2 * (queries + cell.in_flight));
  stage.take_turn(trial, queries, nullptr);
  const Memory memory = read_memory(trial.process.pid(), now_ns() + settling_ns);
  stage.finish(trial);
  return memory;
}

Memory measure_entrant(const Participant& participant, const Cell& cell,
                       const InvocationOptions& options) {
  Stage stage({.placement = options.placement, .deadline_ns = options.deadline_ns});
  const Cell fewer = fewer_of(cell);
  const Memory with_fewer = memory_when_held(stage, participant, fewer, options.seed);
  const Memory with_all = memory_when_held(stage, participant, cell, options.seed);
  return memory_per_connection(with_fewer, with_all,
                               cell.in_flight + cell.idle - fewer.in_flight - fewer.idle);
}

Row measure_place(const CellPlan& plan, const Entry& entry, const InvocationOptions& options) {
  Row row = invocation_row(plan, entry, options);
  try {
    if (interrupted()) throw Interrupted{};
    if (const std::string reason = objection(*entry.participant, plan.cell); !reason.empty())
      row.lose(Status::skipped, reason);
    else
      row.memory = measure_entrant(*entry.participant, plan.cell, options);
  } catch (const Interrupted&) {
    row.interrupted = true;
    row.lose(Status::skipped, "interrupted before its memory was measured");
  } catch (const TrialFailed& error) {
    row.lose(error);
  } catch (const std::runtime_error& error) {  // BackendFailed, std::system_error
    row.lose(Status::failed, error.what());
  }
  return row;
}

}  // namespace

std::vector<Row> measure_memory(const CellPlan& plan, const InvocationOptions& options) {
  std::vector<Row> rows;
  for (const Entry& entry : plan.entries) rows.push_back(measure_place(plan, entry, options));
  if (options.after_round) options.after_round();
  return rows;
}

}  // namespace waitbench
