// What a user asked of `waitbench run`, as a plan.
#pragma once

#include <optional>
#include <string>

#include "harness/commands/commands.hpp"
#include "harness/run/plan.hpp"

namespace waitbench {

// The guests that take part: those that were asked for, or those that a profile of guests has.
std::optional<std::string> guests_of(const RunOptions& options);

// Checked, with its entries, within this machine's limits. Throws UsageError.
RunPlan make_plan(const RunOptions& options, const Program& program);

}  // namespace waitbench
