#include "harness/switch/population.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "harness/os/proc_text.hpp"

namespace waitbench::micro {
namespace {

constexpr std::size_t boundless = std::numeric_limits<std::size_t>::max();

struct Limit {
  std::string name;
  std::size_t tasks;
};

std::size_t number_in(const std::string& path) {
  const auto number = parse_integer(read_text(path).value_or(""));
  return number && *number > 0 ? static_cast<std::size_t>(*number) : boundless;
}

std::size_t user_processes() {
  rlimit limit{};
  if (geteuid() == 0) return boundless;  // the superuser's are not counted
  if (getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return boundless;
  return limit.rlim_cur;
}

std::size_t memory_bytes() {
  const auto kib =
      parse_integer(field(read_text("/proc/meminfo").value_or(""), "MemTotal").value_or(""));
  return kib ? static_cast<std::size_t>(*kib) << 10 : boundless;
}

Limit memory_limit(std::size_t bytes_each) {
  return {"memory", memory_bytes() / bytes_each};
}

std::vector<Limit> scheduling_limits() {
  return {{"kernel.threads-max", number_in("/proc/sys/kernel/threads-max")},
          {"kernel.pid_max", number_in("/proc/sys/kernel/pid_max")},
          {"ulimit -u", user_processes()},
          {"pids.max of the cgroup", number_in("/sys/fs/cgroup/pids.max")}};
}

Population within(std::size_t wanted, const std::vector<Limit>& limits) {
  const Limit tightest = *std::ranges::min_element(limits, {}, &Limit::tasks);
  return {std::min(wanted, tightest.tasks / 2),
          fmt::format("{} allows {}", tightest.name, tightest.tasks)};
}

}  // namespace

Population that_fit_into_memory(std::size_t wanted, std::size_t bytes_each) {
  return within(wanted, {memory_limit(bytes_each)});
}

Population threads_within_limits(std::size_t wanted) {
  constexpr std::size_t mappings_each = 2;  // its stack, and the guard page below
  constexpr std::size_t bytes_each = 64 << 10;
  std::vector<Limit> limits = scheduling_limits();
  limits.push_back({"vm.max_map_count", number_in("/proc/sys/vm/max_map_count") / mappings_each});
  limits.push_back(memory_limit(bytes_each));
  return within(wanted, limits);
}

Population processes_within_limits(std::size_t wanted) {
  constexpr std::size_t bytes_each = 512 << 10;
  std::vector<Limit> limits = scheduling_limits();
  limits.push_back(memory_limit(bytes_each));
  return within(wanted, limits);
}

}  // namespace waitbench::micro
