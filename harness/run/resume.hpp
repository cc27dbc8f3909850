// Takes up a run that was interrupted or killed: what of its results file stays, and what is still
// to be measured.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "harness/run/plan.hpp"

namespace waitbench {

// Throws std::invalid_argument, naming the first difference, when a run with the context `recorded`
// was not made by this program on this machine, as `present` describes them: what is measured now
// would not belong to what was measured then.
void check_same_place(const nlohmann::json& recorded, const nlohmann::json& present);

// Adds the further invocations to the plan that `entries`, those of its results file, have.
void recall_further_invocations(RunPlan& plan, const nlohmann::json& entries);

// The units of the plan that `entries`, those of its results file, do not have whole. What an
// interrupted unit has left is taken out, since a round counts for all of a unit or for none, and
// so is what was counted. Throws std::invalid_argument when there are entries that the plan knows
// nothing of.
std::vector<WorkUnit> missing_units(const RunPlan& plan, nlohmann::json& entries);

}  // namespace waitbench
