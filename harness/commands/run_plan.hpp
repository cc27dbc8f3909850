// What a user asked of `waitbench run`, as a plan.
#pragma once

#include "harness/commands/commands.hpp"
#include "harness/run/plan.hpp"

namespace waitbench {

// Checked, with its entries, within this machine's limits. Throws UsageError.
RunPlan make_plan(const RunOptions& options, const Program& program);

}  // namespace waitbench
