// The machine that measures, as every results file records it: what a reader needs to know before
// comparing its numbers with those of another.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "harness/os/proc_text.hpp"

namespace waitbench {

// The `host` object of a results file. What cannot be found out is null. Never
// throws for a file that is missing.
nlohmann::json describe_machine();

// All CPUs together since boot; nullopt where /proc is not readable. Counted in ticks, so that the
// difference of two readings is off by up to 10 ms for each CPU.
std::optional<CpuTimes> read_cpu_times();

}  // namespace waitbench
