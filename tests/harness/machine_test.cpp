// The description of the machine at hand: complete, plausible, and null where it does not know.
#include "harness/machine/machine.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <string>

namespace waitbench {
namespace {

using nlohmann::json;

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

TEST(Machine, is_described_by_exactly_the_keys_of_the_results_format) {
  const std::set<std::string> expected{"kernel",
                                       "os",
                                       "boot_id",
                                       "cpu_model",
                                       "cpu_version",
                                       "cpus",
                                       "smt",
                                       "mitigations",
                                       "governor",
                                       "affinity",
                                       "virtualization",
                                       "clocksource",
                                       "cgroup",
                                       "seccomp",
                                       "aslr",
                                       "load_1min",
                                       "steal_share",
                                       "irq_time_accounting",
                                       "io_uring",
                                       "epoll_pwait2",
                                       "perf_events",
                                       "memory_kib",
                                       "memory_available_kib",
                                       "limits"};
  const json machine = describe_machine();
  EXPECT_EQ(keys_of(machine), expected);
  EXPECT_EQ(keys_of(machine["cgroup"]),
            (std::set<std::string>{"quota_cpus", "throttled_periods", "tasks_left"}));
  EXPECT_EQ(keys_of(machine["limits"]),
            (std::set<std::string>{"descriptors", "threads_max", "max_map_count", "ephemeral_ports",
                                   "somaxconn", "tracked_connections_left"}));
}

TEST(Machine, has_a_kernel_a_cpu_and_memory) {
  const json machine = describe_machine();
  EXPECT_FALSE(machine["kernel"].get<std::string>().empty());
  EXPECT_GE(machine["cpus"].get<int>(), 1);
  EXPECT_GE(machine["affinity"].size(), 1U);
  EXPECT_GT(machine["memory_kib"].get<long>(), 1024);
}

TEST(Machine, knows_limits_that_are_positive_or_null) {
  for (const auto& [name, limit] : describe_machine()["limits"].items())
    EXPECT_TRUE(limit.is_null() || limit.get<long>() > 0) << name;
}

TEST(Machine, has_no_more_memory_available_than_it_has) {
  const json machine = describe_machine();
  const json available_kib = machine["memory_available_kib"];
  EXPECT_TRUE(available_kib.is_null() || available_kib <= machine["memory_kib"]) << available_kib;
}

TEST(Machine, says_that_a_facility_is_allowed_or_what_stands_against_it) {
  const json machine = describe_machine();
  for (const char* facility : {"io_uring", "perf_events"})
    EXPECT_FALSE(machine[facility].get<std::string>().empty()) << facility;
}

TEST(Machine, writes_null_for_what_has_no_file_here) {
  if (std::ifstream("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"))
    GTEST_SKIP() << "this machine has a governor";
  EXPECT_TRUE(describe_machine()["governor"].is_null());
}

TEST(Machine, had_no_more_of_its_time_stolen_than_there_was) {
  const json share = describe_machine()["steal_share"];
  EXPECT_TRUE(share.is_null() || (share.get<double>() >= 0 && share.get<double>() <= 1));
}

TEST(ReadCpuTimes, never_run_backwards) {
  const auto before = read_cpu_times();
  const auto after = read_cpu_times();
  ASSERT_TRUE(before && after);
  EXPECT_GT(before->busy_s, 0);
  EXPECT_GE(after->busy_s, before->busy_s);
}

}  // namespace
}  // namespace waitbench
