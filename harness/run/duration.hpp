// How long a run is likely to take, by its plan alone.
#pragma once

#include <string>
#include <vector>

#include "harness/run/plan.hpp"

namespace waitbench {

// A round of the cell. Good enough to weigh cells against each other.
double expected_round_s(const CellPlan& cell);

// The run: its planned units, or its budget if that is more.
double expected_s(const RunPlan& plan);

// Takes the optional cells out of the plan, the longest ones first, until what is planned fits into
// its budget. Gives their purposes and names. A plan without a budget stays as it is.
std::vector<std::string> leave_out_optional_cells(RunPlan& plan);

}  // namespace waitbench
