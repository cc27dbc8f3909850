// User-space instructions per query, counted by valgrind in scripted trials.
//
// A scripted trial does the same in every run, so the count repeats exactly. What it takes to start
// and to end is in it too; that cancels in the difference between a run and one with twice as many
// queries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/run/plan.hpp"
#include "harness/run/row.hpp"
#include "harness/trial/participant.hpp"

namespace waitbench {

// Why instructions cannot be counted here, as a clause; empty when they can.
std::string objection_to_instructions();

// The cells in which styles are to be counted: one for each number in flight, depth and reply size
// that a run times; the other axes mean nothing without a backend.
std::vector<CellPlan> cells_to_script(const std::vector<CellPlan>& of_run);

// The row of a scripted participant, whose two runs end before `deadline_ns` (CLOCK_MONOTONIC).
Row count_instructions(const CellPlan& plan, const Entry& entry, std::int64_t deadline_ns);

}  // namespace waitbench
