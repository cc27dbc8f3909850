// What else the machine does while something is measured: CPU time that others used, and that a
// hypervisor withheld.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "harness/os/proc_text.hpp"

namespace waitbench {

// More than this share of all CPUs disturbs what is measured.
inline constexpr double disturbing_share = 0.02;

// Shares of the time of all CPUs; NaN where they are unknown.
struct Interference {
  double foreign_cpu_share = std::numeric_limits<double>::quiet_NaN();  // used by others
  double steal_share = std::numeric_limits<double>::quiet_NaN();  // withheld by the hypervisor
};

// Whether others used more than a little of the CPUs in one of these rounds.
bool are_disturbed(std::span<const Interference> rounds);

class InterferenceMonitor {
 public:
  InterferenceMonitor();

  // What happened since the last lap, or since the monitor was made. `own_cpu_s` is the CPU time
  // that this run's own processes used in this time. Foreign use below what the kernel can resolve
  // is 0.
  Interference lap(double own_cpu_s);

 private:
  std::optional<CpuTimes> before_;
  double resolution_s_;
};

// What happens while this process sleeps for `duration_ns`.
Interference observe_idle(std::int64_t duration_ns);

}  // namespace waitbench
