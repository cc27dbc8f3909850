// What was measured of a benchmark, as an entry of a results file (results/README.md).
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <vector>

#include "harness/switch/rounds.hpp"

namespace waitbench::micro {

// Nanoseconds of one operation in each round, without the loop around it. Empty when that loop
// could not be measured.
std::optional<std::vector<double>> net_ns(const Measured& measured, std::span<const Measured> all);

// One entry for each; `all` has the baselines too.
nlohmann::json to_entries(std::span<const Measured> all);

}  // namespace waitbench::micro
