// One invocation of a cell: fresh processes, a warm-up, and then rounds, in each of which every
// participant has one turn, in shuffled order.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/run/pass_options.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/rounds_result.hpp"

namespace waitbench {

// Measures one cohort of the cell. Gives a result for each of its entries, whatever happens: a
// trial that fails has its reason in its result, and the others go on. When interrupted, even
// before it was called, the results hold the complete rounds, and say so.
std::vector<RoundsResult> measure(const CellPlan& plan, std::size_t cohort,
                                  const PassOptions& options);

}  // namespace waitbench
