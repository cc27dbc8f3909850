// How long a run is likely to take, by its plan alone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/run/plan.hpp"

namespace waitbench {

// An invocation of the cell, or of one of its cohorts. Good enough to weigh them against each
// other.
double expected_invocation_s(const CellPlan& cell);
double expected_cohort_s(const CellPlan& cell, std::size_t cohort);

// Of the counting pass: all that is counted of the cell by events, and by instructions.
double expected_counting_s(const CellPlan& cell);
double expected_scripts_s(const CellPlan& cell);

// The run: its planned units, or its budget if that is more.
double expected_s(const RunPlan& plan);

// Takes the optional cells out of the plan, the longest ones first, until what is planned fits into
// its budget. Gives their purposes and names. A plan without a budget stays as it is.
std::vector<std::string> leave_out_optional_cells(RunPlan& plan);

}  // namespace waitbench
