// The memory pass: what each connection costs in memory, with one model alive alone. It is a pass
// of its own since most of a thread's or a process's memory is the kernel's, which can only be told
// by what the whole machine gains.
#pragma once

#include <vector>

#include "harness/run/invocation.hpp"

namespace waitbench {

// Measures the models of a cell, one after the other: twice each, with a quarter of the cell's
// connections and with all, so that what a model needs once is in neither. Gives a row for each
// entry, whatever happens, as measure() does; its rounds are empty.
std::vector<Row> measure_memory(const CellPlan& plan, const InvocationOptions& options);

}  // namespace waitbench
