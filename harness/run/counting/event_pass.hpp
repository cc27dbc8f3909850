// The counting pass: what the kernel counts of each model, in turns of its own.
//
// Counting slows a model down, and those that switch most more than others, so it is kept apart
// from all that is timed: after the timed cells, every participant runs each cell once more, alone.
// A round is two turns, in random order: one that is counted, and one that is not, which says how
// much slower the first was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/machine/placement.hpp"
#include "harness/machine/tree_events.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/row.hpp"

namespace waitbench {

inline constexpr std::string_view counted_purpose = "counted";

struct EventPassOptions {
  Placement placement;
  std::vector<Event> events;
  std::uint64_t seed = 0;
  std::int64_t deadline_ns = 0;
  double burn_iterations_per_us = 0;
};

// What of a run's cells is left to be counted: each that is timed, once, whatever it is timed for,
// with all who enter it, once each.
std::vector<CellPlan> cells_to_count(const std::vector<CellPlan>& of_run);

// The row of one entry of the cell. When interrupted, it holds the complete rounds, and says so.
Row count_events(const CellPlan& plan, const Entry& entry, const EventPassOptions& options);

}  // namespace waitbench
