#include "harness/run/counting/event_pass.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "harness/os/interrupt.hpp"
#include "harness/os/random.hpp"
#include "harness/results/numbers.hpp"
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
void play_round(TrialExecutor& executor, TrialHandle& trial, std::uint64_t turn_queries,
                bool counted_first, const std::vector<Event>& events, EventsResult& result) {
  Turn plain, counted;
  EventCounts counts;
  const auto take_plain = [&] { plain = executor.take_turn(trial, turn_queries, nullptr); };
  const auto take_counted = [&] {
    const TreeEvents happened(trial.pid, events);
    counted = executor.take_turn(trial, turn_queries, nullptr);
    for (const Event event : events)
      counts.per_query[event] =
          static_cast<double>(happened.read(event)) / static_cast<double>(counted.queries);
  };
  if (!counted_first) take_plain();
  take_counted();
  if (counted_first) take_plain();
  counts.slowdown = counted.client_cpu_us_per_query / plain.client_cpu_us_per_query;
  result.turns.push_back(counted);
  result.counts.push_back(counts);
  result.order.push_back(0);
  result.interference.emplace_back();
}

void perform(const CellPlan& plan, const std::vector<Event>& events, const PassOptions& options,
             EventsResult& result) {
  const Participant& participant = *result.entry.participant;
  const TrialParameters parameters =
      trial_parameters(participant, plan, options.seed, options.burn_iterations_per_us);
  result.turn_queries = parameters.recorded_queries;
  Random random(options.seed);
  const auto executor = options.make_executor(options.stage_options(plan.cell));
  TrialHandle& trial = executor->start(participant, parameters.order, parameters.ledger_queries);
  executor->take_turn(trial, parameters.turn_queries, nullptr);  // to warm up
  for (std::size_t round = 0; round < counted_rounds; ++round)
    play_round(*executor, trial, parameters.turn_queries, random.next() % 2 == 0, events, result);
  executor->finish(trial);
}

EventsResult count_events_of(const CellPlan& plan, const Entry& entry,
                             const std::vector<Event>& events, const PassOptions& options) {
  EventsResult result(plan, entry, options.invocation);
  result.client_cpus = options.placement.client_cpus.size();
  const Eligibility may = eligible(*entry.participant, plan.cell, options.placement);
  if (!may)
    result.lose(Status::skipped, may.reason);
  else
    fill_in(result, [&] { perform(plan, events, options, result); });
  return result;
}

double count_of(const EventCounts& counts, Event event) {
  const auto found = counts.per_query.find(event);
  return found == counts.per_query.end() ? std::nan("") : found->second;
}

// Whether perf events and /proc have different numbers of switches, by more than a few.
bool counters_disagree(const EventsResult& result) {
  constexpr double few = 10;
  constexpr double agreement = 0.02;  // of two ways to count the same
  double by_events = 0, by_proc = 0;
  for (std::size_t i = 0; i < result.counts.size(); ++i) {
    const Turn& turn = result.turns[i];
    const auto queries = static_cast<double>(turn.queries);
    by_events += queries * count_of(result.counts[i], Event::switches);
    by_proc += queries * (turn.switches_voluntary_per_query + turn.switches_involuntary_per_query);
  }
  return std::abs(by_events - by_proc) > std::max(few, agreement * by_proc);
}

}  // namespace

void EventsResult::lose(Status why_not, std::string why, std::optional<std::uint32_t> peak) {
  RoundsResult::lose(why_not, std::move(why), peak);
  counts.clear();
}

nlohmann::json to_entry(const EventsResult& result) {
  nlohmann::json entry = to_entry(static_cast<const RoundsResult&>(result));
  const auto add = [&](const std::string& field, auto value_of) {
    std::vector<double> values;
    for (const EventCounts& counts : result.counts) values.push_back(value_of(counts));
    if (!values.empty()) entry["rounds"][field] = values;
    entry[field] = known(median(values));
  };
  for (const Event event : all_events)
    add(fmt::format("{}_per_query", event_name(event)),
        [event](const EventCounts& counts) { return count_of(counts, event); });
  add("counting_slowdown", [](const EventCounts& counts) { return counts.slowdown; });
  if (counters_disagree(result)) entry["flags"].push_back("counters-disagree");
  return entry;
}

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

std::vector<EventsResult> count_events(const CellPlan& plan, const std::vector<Event>& events,
                                       const PassOptions& options) {
  std::vector<EventsResult> results;
  for (const Entry& entry : plan.entries) {
    if (interrupted()) break;
    results.push_back(count_events_of(plan, entry, events, options));
    if (options.after_entry) options.after_entry();
  }
  return results;
}

}  // namespace waitbench
