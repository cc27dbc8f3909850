// How well the ratios of a cell are known so far, and so where further invocations go.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "harness/run/plan.hpp"

namespace waitbench {

// For each model that the cell ranks, half the width of the 95% interval of its ratio to the
// cell's first participant, relative to the ratio: of throughput in a cell without a delay, else of
// CPU time per query. Over invocations, by Student's t, from `entries`, those of a results file.
// Infinite for a model with fewer than two invocations. Models are left out that are not ranked,
// since they cannot have the whole cell in flight, did not sustain its load, or failed.
//
// The report has narrower intervals, in which the models of a cell share what they know of the
// error; these serve to compare cells, and must not depend on what a model is found to cost.
std::vector<double> half_widths(const nlohmann::json& entries, const CellPlan& plan);

// The cell, by its index in the plan, that a further invocation is to go to. Of the cells that
// compare models, have an interval wider than the plan's half-width, and can be measured once more
// in the `left_s` seconds that are left, it is the one in which a second narrows the intervals
// most: with n invocations, one more narrows them by some 1/2n. So a cell whose noise is high does
// not take all the time. None if there is no such cell. `expected_s` says how long an invocation of
// a cell takes.
//
// Only the widths decide, never what the ratios are: to go on until models differ would make
// differences of chance.
std::optional<std::size_t> next_cell(const RunPlan& plan, const nlohmann::json& entries,
                                     const std::function<double(std::size_t)>& expected_s,
                                     double left_s);

}  // namespace waitbench
