// User-space instructions per query, counted by valgrind in scripted trials.
//
// A scripted trial does the same in every run, so the count repeats exactly. What it takes to start
// and to end is in it too; that cancels in the difference between a run and one with twice as many
// queries.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/run/plan.hpp"
#include "harness/run/result.hpp"

namespace waitbench {

struct InstructionsResult : EntryResult {
  using EntryResult::EntryResult;

  std::optional<double> per_query;

  void interrupt();
};

nlohmann::json to_entry(const InstructionsResult& result);

// Why instructions cannot be counted here, as a clause; empty when they can.
std::string objection_to_instructions();

// The cells in which styles are to be counted: one for each number in flight, depth and reply size
// that a run times; the other axes mean nothing without a backend.
std::vector<CellPlan> cells_to_script(const std::vector<CellPlan>& of_run);

// Counts the instructions of each entry of the cell, a scripted participant. Gives a result for
// each; those after an interrupt are left out. Calls `after_entry` when one is done.
std::vector<InstructionsResult> count_instructions(const CellPlan& plan,
                                                   const std::function<void()>& after_entry);

}  // namespace waitbench
