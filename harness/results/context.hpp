// Where and with what something is measured: the part of a results file's context that does not
// depend on what that is, and on which the doctor gives its opinion.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/machine/placement.hpp"

namespace waitbench {

// Source, build, libraries, host and placement, with the doctor's findings under `doctor`. Watches
// the machine for `watch_ns`, in which this run's own processes should sleep.
nlohmann::json describe_context(const Placement& placement, std::int64_t watch_ns);

// The time of day, "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace waitbench
