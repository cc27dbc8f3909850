#include "harness/backend/server_cpu.hpp"

#include <algorithm>

#include "harness/machine/counters.hpp"
#include "harness/os/process_tree.hpp"

namespace waitbench {

std::int64_t ServerCpu::read_ns() {
  if (root_ == 0) return 0;
  for (const pid_t first : children_of(root_)) {
    std::int64_t& first_ns = cpu_ns_[first];
    first_ns = std::max(first_ns, process_cpu_ns(first));
    for (const pid_t pid : children_of(first)) {
      std::int64_t& cpu_ns = cpu_ns_[pid];
      cpu_ns = std::max(cpu_ns, process_cpu_ns(pid));
    }
  }
  std::int64_t sum_ns = 0;
  for (const auto& [pid, cpu_ns] : cpu_ns_) sum_ns += cpu_ns;
  return sum_ns;
}

}  // namespace waitbench
