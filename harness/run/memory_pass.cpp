#include "harness/run/memory_pass.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/os/interrupt.hpp"
#include "harness/run/trial_parameters.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::size_t fraction = 4;  // the smaller of two trials has one in so many connections

// Whether the participant has any memory per connection in this cell.
Eligibility eligible_for_memory(const Participant& participant, const Cell& cell,
                                const Placement& placement) {
  if (!participant.is_concurrent()) return {"it has one connection open, however many it is given"};
  if (cell.connections != Connections::kept)
    return {"only connections that are kept, one for each client, can be held"};
  if (cell.in_flight < fraction) return {"it takes four in flight to tell what one more costs"};
  return eligible(participant, cell, placement);
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
Memory memory_when_held(TrialExecutor& executor, const Participant& participant, const Cell& cell,
                        std::uint64_t seed) {
  constexpr std::int64_t settling_ns = ns_per_s;
  TrialOrder order;
  order.cell = cell;
  order.seed = seed;
  const std::size_t queries = 2 * cell.in_flight;
  TrialHandle& trial = executor.start(participant, order, 2 * (queries + cell.in_flight));
  executor.take_turn(trial, queries, nullptr);
  const Memory memory = read_memory(trial.pid, now_ns() + settling_ns);
  executor.finish(trial);
  return memory;
}

Memory measure_participant(const Participant& participant, const Cell& cell,
                           const PassOptions& options) {
  const auto executor = options.make_executor(options.stage_options(cell));
  const Cell fewer = fewer_of(cell);
  const Memory with_fewer = memory_when_held(*executor, participant, fewer, options.seed);
  const Memory with_all = memory_when_held(*executor, participant, cell, options.seed);
  return memory_per_connection(with_fewer, with_all,
                               cell.in_flight + cell.idle - fewer.in_flight - fewer.idle);
}

MemoryResult measure_entry(const CellPlan& plan, const Entry& entry, const PassOptions& options) {
  MemoryResult result(plan, entry, options.invocation);
  fill_in(result, [&] {
    if (interrupted()) throw Interrupted{};
    const Eligibility may = eligible_for_memory(*entry.participant, plan.cell, options.placement);
    if (!may)
      result.lose(Status::skipped, may.reason);
    else
      result.memory = measure_participant(*entry.participant, plan.cell, options);
  });
  return result;
}

}  // namespace

void MemoryResult::interrupt() {
  interrupted = true;
  lose(Status::skipped, "interrupted before its memory was measured");
}

nlohmann::json to_entry(const MemoryResult& result) {
  const auto amount = [](std::optional<double> kib) {
    return kib ? nlohmann::json(*kib) : nlohmann::json(nullptr);
  };
  nlohmann::json entry = unmeasured_entry(result);
  entry["memory_kib"] = {{"user", amount(result.memory.user_kib)},
                         {"kernel", amount(result.memory.kernel_kib)}};
  return entry;
}

std::vector<MemoryResult> measure_memory(const CellPlan& plan, const PassOptions& options) {
  std::vector<MemoryResult> results;
  for (const Entry& entry : plan.entries) results.push_back(measure_entry(plan, entry, options));
  if (options.after_round) options.after_round({});
  return results;
}

}  // namespace waitbench
