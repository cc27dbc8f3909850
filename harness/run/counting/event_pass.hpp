// The counting pass: what the kernel counts of each model, in turns of its own.
//
// Counting slows a model down, and those that switch most more than others, so it is kept apart
// from everything that is timed: after the timed cells, every participant runs each cell once more,
// alone. A round is two turns, in random order: one that is counted, and one that is not, which
// shows how much slower the first was.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "harness/machine/tree_events.hpp"
#include "harness/run/pass_options.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/rounds_result.hpp"

namespace waitbench {

inline constexpr std::string_view counted_purpose = "counted";

// What was counted of a turn. An event that is not there was not counted.
struct EventCounts {
  std::map<Event, double> per_query;
  double slowdown = 1;  // by counting: the turn's CPU time, as a multiple of an uncounted one's
};

// The counted turns, and what was counted of each.
struct EventsResult : RoundsResult {
  using RoundsResult::RoundsResult;

  std::vector<EventCounts> counts;

  void lose(Status why_not, std::string why, std::optional<std::uint32_t> peak = std::nullopt);
};

nlohmann::json to_entry(const EventsResult& result);

// The cells whose events are to be counted: each timed cell of the run once, also when it is
// timed for several purposes, with each participant that enters it, once.
std::vector<CellPlan> cells_to_count(const std::vector<CellPlan>& of_run);

// Counts the events of each entry of the cell. Gives a result for each. An interrupted one holds
// the complete rounds, and says so; those after it are left out.
std::vector<EventsResult> count_events(const CellPlan& plan, const std::vector<Event>& events,
                                       const PassOptions& options);

}  // namespace waitbench
