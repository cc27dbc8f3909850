#include "harness/run/counting/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/results/numbers.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

double counts_of(const EventCounts& counts, Event event) {
  const auto found = counts.per_query.find(event);
  return found == counts.per_query.end() ? std::nan("") : found->second;
}

// A scripted trial has neither a backend nor a network, nor any time.
void leave_out_backend(const Row& row, json& entry) {
  for (const char* axis : {"backend", "transport", "connections", "delay_us", "delay_shape"})
    entry[axis] = nullptr;
  if (row.instructions_per_query) entry["iterations"] = entry["queries"] = row.turn_queries;
  entry["name"] = entry["run_name"] =
      fmt::format("query/{}/in_flight:{}/depth:{}", row.entry.participant->name, row.cell.in_flight,
                  row.cell.depth);
}

}  // namespace

void add_counts(const Row& row, json& entry) {
  const auto add = [&](const std::string& name, auto value_of) {
    std::vector<double> values;
    for (const EventCounts& counts : row.counts) values.push_back(value_of(counts));
    if (!values.empty()) entry["rounds"][name] = values;
    entry[name] = known(median(values));
  };
  for (const Event event : all_events)
    add(fmt::format("{}_per_query", event_name(event)),
        [event](const EventCounts& counts) { return counts_of(counts, event); });
  add("counting_slowdown", [](const EventCounts& counts) { return counts.slowdown; });
  entry["instructions_per_query"] = known(row.instructions_per_query.value_or(std::nan("")));
  if (row.scripted) leave_out_backend(row, entry);
}

bool counters_disagree(const Row& row) {
  constexpr double few = 10;
  constexpr double agreement = 0.02;  // of two ways to count the same
  double by_events = 0, by_proc = 0;
  for (std::size_t i = 0; i < row.counts.size(); ++i) {
    const Turn& turn = row.turns[i];
    const auto queries = static_cast<double>(turn.queries);
    by_events += queries * counts_of(row.counts[i], Event::switches);
    by_proc += queries * (turn.switches_voluntary_per_query + turn.switches_involuntary_per_query);
  }
  return std::abs(by_events - by_proc) > std::max(few, agreement * by_proc);
}

}  // namespace waitbench
