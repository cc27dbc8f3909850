// Reads the files of the process's control groups, of either version.
#include "harness/machine/cgroup.hpp"

#include <algorithm>
#include <string>

#include "harness/os/proc_text.hpp"

namespace waitbench {
namespace {

Cgroups groups_of(std::string_view controller) {
  return parse_cgroups(read_text("/proc/self/cgroup").value_or(""), controller);
}

std::string text_of(const std::string& directory, const std::string& file) {
  return read_text(directory + "/" + file).value_or("");
}

template <class Number>
void lower(std::optional<Number>& least, std::optional<Number> number) {
  if (number) least = std::min(least.value_or(*number), *number);
}

// What a controller allows and what of that is taken, each the name of a file.
struct Budget {
  std::string limit;
  std::string used;
};

// The least that is left of a budget. "max" in place of a number is no limit.
std::optional<std::int64_t> left(const Cgroups& groups, const Budget& budget) {
  std::optional<std::int64_t> least;
  for (const std::string& directory : groups.directories) {
    const auto limit = parse_integer(text_of(directory, budget.limit));
    const auto used = parse_integer(text_of(directory, budget.used));
    if (limit && used) lower(least, std::optional(std::max<std::int64_t>(*limit - *used, 0)));
  }
  return least;
}

std::optional<std::int64_t> memory_left_kib() {
  const Cgroups groups = groups_of("memory");
  const auto bytes =
      left(groups, groups.version_1 ? Budget{"memory.limit_in_bytes", "memory.usage_in_bytes"}
                                    : Budget{"memory.max", "memory.current"});
  return bytes ? std::optional(*bytes >> 10) : std::nullopt;
}

}  // namespace

CgroupLimits read_cgroup_limits() {
  CgroupLimits limits;
  const Cgroups groups = groups_of("cpu");
  for (const std::string& directory : groups.directories) {
    const std::string quota = groups.version_1 ? text_of(directory, "cpu.cfs_quota_us") + " " +
                                                     text_of(directory, "cpu.cfs_period_us")
                                               : text_of(directory, "cpu.max");
    lower(limits.quota_cpus, parse_cpu_quota(quota));
    if (!limits.throttled_periods)
      limits.throttled_periods =
          parse_integer(field(text_of(directory, "cpu.stat"), "nr_throttled").value_or(""));
  }
  limits.tasks_left = left(groups_of("pids"), {"pids.max", "pids.current"});
  limits.memory_left_kib = memory_left_kib();
  return limits;
}

}  // namespace waitbench
