// What was counted of a row, as fields of its entry in a results file.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/run/row.hpp"

namespace waitbench {

// Every count, null where there is none, and with its rounds where it has any. A scripted trial's
// entry loses what the trial does not have.
void add_counts(const Row& row, nlohmann::json& entry);

// Whether perf events and /proc tell different numbers of switches, by more than a few.
bool counters_disagree(const Row& row);

}  // namespace waitbench
