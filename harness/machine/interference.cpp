#include "harness/machine/interference.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "harness/machine/machine.hpp"

namespace waitbench {

bool are_disturbed(std::span<const Interference> rounds) {
  return std::ranges::any_of(rounds, [](const Interference& during) {
    return during.foreign_cpu_share > disturbing_share;
  });
}

// The kernel counts in ticks: less than two for each CPU says nothing.
InterferenceMonitor::InterferenceMonitor()
    : before_(read_cpu_times()),
      resolution_s_(2.0 * static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)) /
                    static_cast<double>(sysconf(_SC_CLK_TCK))) {}

Interference InterferenceMonitor::lap(double own_cpu_s) {
  const std::optional<CpuTimes> now = read_cpu_times();
  Interference during;
  if (now && before_) {
    const double busy_s = now->busy_s - before_->busy_s;
    const double steal_s = now->steal_s - before_->steal_s;
    const double all_s = busy_s + steal_s + now->idle_s - before_->idle_s;
    const double foreign_s = busy_s - own_cpu_s;
    if (all_s > 0) during.foreign_cpu_share = foreign_s > resolution_s_ ? foreign_s / all_s : 0;
    if (all_s > 0) during.steal_share = steal_s / all_s;
  }
  before_ = now;
  return during;
}

Interference observe_idle(std::int64_t duration_ns) {
  InterferenceMonitor monitor;
  std::this_thread::sleep_for(std::chrono::nanoseconds(duration_ns));
  return monitor.lap(0);
}

}  // namespace waitbench
