#include "harness/run/counting/event_pass.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "harness/os/interrupt.hpp"
#include "harness/os/random.hpp"
#include "harness/run/trial_parameters.hpp"

namespace waitbench {
namespace {

constexpr std::size_t counted_rounds = 5;

void enter(CellPlan& plan, const Entry& entry) {
  const bool is_there =
      std::ranges::find(plan.entries, entry.participant, &Entry::participant) != plan.entries.end();
  if (!is_there) plan.entries.push_back({.participant = entry.participant});
}

// The events are open during the counted turn alone: while one is, the kernel takes a longer way
// through every system call.
void play_round(Stage& stage, RunningTrial& trial, std::uint64_t turn_queries, bool counted_first,
                const std::vector<Event>& events, Row& row) {
  Turn plain, counted;
  EventCounts counts;
  const auto take_plain = [&] { plain = stage.take_turn(trial, turn_queries, nullptr); };
  const auto take_counted = [&] {
    const TreeEvents happened(trial.process.pid(), events);
    counted = stage.take_turn(trial, turn_queries, nullptr);
    for (const Event event : events)
      counts.per_query[event] =
          static_cast<double>(happened.read(event)) / static_cast<double>(counted.queries);
  };
  if (!counted_first) take_plain();
  take_counted();
  if (counted_first) take_plain();
  counts.slowdown = counted.client_cpu_us_per_query / plain.client_cpu_us_per_query;
  row.turns.push_back(counted);
  row.counts.push_back(counts);
  row.order.push_back(0);
  row.interference.emplace_back();
}

void perform(const CellPlan& plan, const EventPassOptions& options, Row& row) {
  const Participant& participant = *row.entry.participant;
  const TrialParameters parameters =
      trial_parameters(participant, plan, options.seed, options.burn_iterations_per_us);
  row.turn_queries = parameters.recorded_queries;
  Random random(options.seed);
  Stage stage({.placement = options.placement, .deadline_ns = options.deadline_ns});
  RunningTrial& trial = stage.start(participant, parameters.order, parameters.ledger_queries);
  stage.take_turn(trial, parameters.turn_queries, nullptr);  // to warm up
  for (std::size_t round = 0; round < counted_rounds; ++round)
    play_round(stage, trial, parameters.turn_queries, random.next() % 2 == 0, options.events, row);
  stage.finish(trial);
}

}  // namespace

std::vector<CellPlan> cells_to_count(const std::vector<CellPlan>& of_run) {
  std::vector<CellPlan> cells;
  for (const CellPlan& from : of_run) {
    if (from.pass != Pass::rounds) continue;
    auto same = std::ranges::find(cells, from.cell, &CellPlan::cell);
    if (same == cells.end())
      same = cells.insert(cells.end(), {.purpose = std::string(counted_purpose),
                                        .cell = from.cell,
                                        .entries = {},
                                        .rounds = counted_rounds,
                                        .turn_queries = from.turn_queries});
    for (const Entry& entry : from.entries) enter(*same, entry);
  }
  return cells;
}

Row count_events(const CellPlan& plan, const Entry& entry, const EventPassOptions& options) {
  Row row = empty_row(plan, entry);
  row.client_cpus = options.placement.client_cpus.size();
  std::string refusal = objection_to(*entry.participant, plan.cell, options.placement);
  if (!refusal.empty()) {
    row.lose(Status::skipped, std::move(refusal));
    return row;
  }
  try {
    perform(plan, options, row);
  } catch (const TrialFailed& error) {
    row.lose(error);
  } catch (const std::runtime_error& error) {  // BackendFailed, std::system_error
    row.lose(Status::failed, error.what());
  } catch (const Interrupted&) {
    row.interrupt();
  }
  return row;
}

}  // namespace waitbench
