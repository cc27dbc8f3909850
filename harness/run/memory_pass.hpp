// The memory pass: what each connection costs in memory, with one model alive alone. It is a pass
// of its own because most of the memory of a thread or a process is the kernel's, and that can only
// be read as what the whole machine gains.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "harness/machine/memory.hpp"
#include "harness/run/pass_options.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/result.hpp"

namespace waitbench {

struct MemoryResult : EntryResult {
  using EntryResult::EntryResult;

  Memory memory;  // for each connection

  void interrupt();
};

nlohmann::json to_entry(const MemoryResult& result);

// Measures the models of a cell, one after the other: twice each, with a quarter of the cell's
// connections and with all, so that what a model needs once is in neither. Gives a result for each
// entry, whatever happens, as measure() does.
std::vector<MemoryResult> measure_memory(const CellPlan& plan, const PassOptions& options);

}  // namespace waitbench
