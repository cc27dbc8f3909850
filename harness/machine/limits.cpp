#include "harness/machine/limits.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "harness/machine/cgroup.hpp"
#include "harness/os/proc_text.hpp"

namespace waitbench {
namespace {

// Of one user's processes; the superuser's are not counted.
std::size_t user_limit() {
  rlimit processes;
  const bool has_limit = geteuid() != 0 && getrlimit(RLIMIT_NPROC, &processes) == 0;
  return has_limit ? processes.rlim_cur : RLIM_INFINITY;
}

rlimit descriptor_rlimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::system_error(errno, std::generic_category(), "getrlimit");
  return limit;
}

std::size_t number_in(const std::string& path, std::size_t otherwise) {
  const auto text = read_text(path);
  const auto number = text ? parse_integer(*text) : std::nullopt;
  return number && *number > 0 ? static_cast<std::size_t>(*number) : otherwise;
}

}  // namespace

Limits machine_limits() {
  const auto range = read_text("/proc/sys/net/ipv4/ip_local_port_range");
  const auto ports = range ? parse_port_range(*range) : std::nullopt;
  const auto of_group = read_cgroup_limits().tasks_left;
  return {.descriptors = descriptor_rlimit().rlim_max,
          .ports = static_cast<std::size_t>(ports.value_or(28'232)),
          .threads = std::min({number_in("/proc/sys/kernel/threads-max", 32'768),
                               number_in("/proc/sys/kernel/pid_max", 32'768), user_limit(),
                               of_group ? static_cast<std::size_t>(*of_group) : RLIM_INFINITY})};
}

void raise_descriptor_limit() {
  rlimit limit = descriptor_rlimit();
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::system_error(
        errno, std::generic_category(),
        fmt::format("cannot raise the limit of descriptors to {} (ulimit -n)", limit.rlim_max));
}

}  // namespace waitbench
