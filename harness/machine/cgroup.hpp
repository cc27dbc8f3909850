// What the control groups that this process is in allow it: a container's limits, most often.
#pragma once

#include <cstdint>
#include <optional>

namespace waitbench {

// The tightest limits between the process's own groups and the root; nullopt for what none of them
// limits, or what cannot be read.
struct CgroupLimits {
  std::optional<double> quota_cpus;               // CPU time for each second
  std::optional<std::int64_t> throttled_periods;  // how often its own group's quota was enforced
  std::optional<std::int64_t> tasks_left;         // threads that may still be started
  std::optional<std::int64_t> memory_left_kib;
};

CgroupLimits read_cgroup_limits();

}  // namespace waitbench
