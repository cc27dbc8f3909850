// One invocation of a cell: fresh processes, a warm-up, and then rounds, in each of which every
// participant has one turn, in shuffled order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "harness/machine/placement.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/row.hpp"

namespace waitbench {

struct InvocationOptions {
  Placement placement;
  std::size_t invocation = 0;
  std::uint64_t seed = 0;
  std::int64_t deadline_ns = 0;
  double burn_iterations_per_us = 0;
  std::function<void()> after_round;  // for whoever shows progress
};

// The row of an entry in an invocation, with nothing measured yet.
Row invocation_row(const CellPlan& plan, const Entry& entry, const InvocationOptions& options);

// Measures one cohort of the cell. Gives a row for each of its entries, whatever happens: a trial
// that fails has its reason in its row, and the others go on. When interrupted, even before
// it was called, the rows hold the complete rounds, and say so.
std::vector<Row> measure(const CellPlan& plan, std::size_t cohort,
                         const InvocationOptions& options);

}  // namespace waitbench
