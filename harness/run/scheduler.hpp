// A run under way: one unit of its plan after the other is measured, and kept.
#pragma once

#include <vector>

#include "harness/machine/placement.hpp"
#include "harness/results/results_file.hpp"
#include "harness/run/counting/counting.hpp"
#include "harness/run/plan.hpp"

namespace waitbench {

enum class Ending { complete, failed, interrupted };

// Measures `units` of the plan, and then counts, telling on stderr how far it has come. The results
// are written before the first and after each of them, and in the end say how it ended: `failed`
// when any entry has failed, one that was there before included. Every unit has its entries, even
// those that an interrupt kept from being measured. Throws std::system_error when results cannot be
// written.
Ending measure_units(const RunPlan& plan, const std::vector<WorkUnit>& units,
                     const Counting& counting, const Placement& placement, ResultsFile& results);

}  // namespace waitbench
