// Reads the small texts in which Linux describes itself: those of /proc, /sys and /etc. They are
// pure functions of the text, and none of them throws: what is not there, or not as expected, is
// nullopt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waitbench {

// The content of a file without the white space around it; nullopt if it cannot be read.
std::optional<std::string> read_text(const std::string& path);

// The number that the text begins with, after white space.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);

// What follows `key` on the first line that begins with it, without white space, ':' or '=' before
// it and quotes around it: the forms of /proc/meminfo, /proc/cpuinfo and /etc/os-release.
std::optional<std::string> field(std::string_view text, std::string_view key);

// CPU time of all CPUs together since boot. Waiting for a disk is idle; steal is what a hypervisor
// gave to others while this machine wanted to run, and is in neither of the two.
struct CpuTimes {
  double busy_s = 0;
  double idle_s = 0;
  double steal_s = 0;

  bool operator==(const CpuTimes&) const = default;
};

// /proc/stat, which counts in ticks.
std::optional<CpuTimes> parse_cpu_times(std::string_view text, double ticks_per_s);

// A cgroup's CPU quota in CPUs, from "<quota us> <period us>": 0.5 is half of one CPU. nullopt for
// no quota ("max" in version 2, -1 in version 1).
std::optional<double> parse_cpu_quota(std::string_view text);

// The directories that may limit what a controller ("cpu", "pids", "memory") gives to a process:
// its own cgroup first and the root last, from its /proc/PID/cgroup. Empty if the text names none.
struct Cgroups {
  bool version_1 = false;
  std::vector<std::string> directories;
};
Cgroups parse_cgroups(std::string_view text, std::string_view controller);

// How many ports there are in "<first> <last>".
std::optional<std::int64_t> parse_port_range(std::string_view text);

// Whether a kernel was built with `option`, from its config file.
std::optional<bool> parse_kernel_option(std::string_view config, std::string_view option);

}  // namespace waitbench
