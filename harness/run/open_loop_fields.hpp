// What the results say of an open loop besides: how far the rate was reached.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/run/row.hpp"

namespace waitbench {

// More than 1% of the queries that were due had not been begun when their turn ended (rule 9).
bool is_unstable(const Row& row);

// One trial of a sweep: the rate was reached, and the p99 latency is within the limit.
bool is_sustained(const Row& trial);

// Adds the fields of an open loop to an entry; in a closed one they are null.
void add_open_loop(const Row& row, nlohmann::json& entry);

}  // namespace waitbench
