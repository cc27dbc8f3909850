// Reads the affinity mask and the topology in /sys, and divides the cores.
#include "harness/machine/placement.hpp"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>

namespace waitbench {
namespace {

// A cpu_set_t of any size: the fixed one ends at CPU 1023.
class CpuMask {
 public:
  explicit CpuMask(int cpus) : set_(CPU_ALLOC(cpus), [](cpu_set_t* set) { CPU_FREE(set); }) {
    if (!set_) throw std::bad_alloc();
    bytes_ = CPU_ALLOC_SIZE(cpus);
    CPU_ZERO_S(bytes_, set_.get());
  }

  void add(int cpu) { CPU_SET_S(cpu, bytes_, set_.get()); }
  bool has(int cpu) const { return CPU_ISSET_S(cpu, bytes_, set_.get()); }
  cpu_set_t* get() { return set_.get(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set_;
  std::size_t bytes_ = 0;
};

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// The number that a file of a CPU's topology begins with, such as "0" of "0-1" or "0,4".
std::optional<int> read_topology(int cpu, const std::string& file) {
  std::ifstream in("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/" + file);
  int number = 0;
  if (!(in >> number) || number < 0) return std::nullopt;
  return number;
}

// A core is named by the first of its CPUs: `core_id` is not unique on every machine.
LogicalCpu locate(int cpu) {
  return {.cpu = cpu,
          .core = read_topology(cpu, "thread_siblings_list").value_or(cpu),
          .package = read_topology(cpu, "physical_package_id").value_or(0)};
}

}  // namespace

Placement plan_placement(std::vector<LogicalCpu> cpus) {
  if (cpus.empty()) throw std::invalid_argument("no CPU to place anything on");
  const auto by_place = [](const LogicalCpu& a, const LogicalCpu& b) {
    return std::tie(a.package, a.core, a.cpu) < std::tie(b.package, b.core, b.cpu);
  };
  const auto same_core = [](const LogicalCpu& a, const LogicalCpu& b) {
    return a.package == b.package && a.core == b.core;
  };
  std::sort(cpus.begin(), cpus.end(), by_place);
  std::vector<LogicalCpu> cores;
  std::unique_copy(cpus.begin(), cpus.end(), std::back_inserter(cores), same_core);

  if (cores.size() == 1)
    return {.client_cpus = {cpus.front().cpu}, .backend_cpus = {cpus.back().cpu}, .shared = true};
  Placement placement;
  for (std::size_t i = 0; i < cores.size(); ++i)
    (i < cores.size() / 2 ? placement.client_cpus : placement.backend_cpus).push_back(cores[i].cpu);
  return placement;
}

std::vector<LogicalCpu> available_cpus() {
  // The kernel refuses a mask smaller than its own, whose size cannot be asked for.
  constexpr int most_cpus = 1 << 20;
  for (int size = 1024; size <= most_cpus; size *= 2) {
    CpuMask mask(size);
    if (::sched_getaffinity(0, mask.bytes(), mask.get()) != 0) {
      if (errno == EINVAL) continue;
      throw_errno("sched_getaffinity");
    }
    std::vector<LogicalCpu> cpus;
    for (int cpu = 0; cpu < size; ++cpu)
      if (mask.has(cpu)) cpus.push_back(locate(cpu));
    return cpus;
  }
  throw_errno("sched_getaffinity");
}

void pin(std::span<const int> cpus, pthread_t thread) {
  CpuMask mask(cpus.empty() ? 1 : *std::max_element(cpus.begin(), cpus.end()) + 1);
  for (const int cpu : cpus) mask.add(cpu);
  const int error = pthread_setaffinity_np(thread, mask.bytes(), mask.get());
  if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_setaffinity");
}

}  // namespace waitbench
