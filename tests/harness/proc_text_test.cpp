// The texts of /proc and /sys, as kernels write them and as they should not.
#include "harness/os/proc_text.hpp"

#include <gtest/gtest.h>

namespace waitbench {
namespace {

using Directories = std::vector<std::string>;

TEST(ReadText, gives_nothing_for_a_missing_file_and_for_a_directory) {
  EXPECT_EQ(read_text("/proc/no-such-file"), std::nullopt);
  EXPECT_EQ(read_text("/proc").value_or(""), "");
}

TEST(ReadText, leaves_out_the_white_space_around) {
  const auto release = read_text("/proc/sys/kernel/osrelease");
  ASSERT_TRUE(release);
  EXPECT_EQ(release->find_first_of(" \n"), std::string::npos);
}

TEST(ParseNumber, reads_the_beginning_and_refuses_what_is_no_number) {
  EXPECT_EQ(parse_integer("  42 kB"), 42);
  EXPECT_EQ(parse_integer("-1"), -1);
  EXPECT_EQ(parse_integer("max"), std::nullopt);
  EXPECT_EQ(parse_integer(""), std::nullopt);
  EXPECT_EQ(parse_integer("99999999999999999999"), std::nullopt);
  EXPECT_EQ(parse_real("0.25 0.10 0.05 1/77 4711"), 0.25);
}

TEST(Lineup, reads_the_forms_of_meminfo_cpuinfo_and_os_release) {
  EXPECT_EQ(field("MemTotal:       24683520 kB\n", "MemTotal"), "24683520 kB");
  EXPECT_EQ(field("vendor_id\t: X\nmodel name\t: AMD EPYC\n", "model name"), "AMD EPYC");
  EXPECT_EQ(field("NAME=\"Debian\"\nPRETTY_NAME=\"Debian 12\"", "PRETTY_NAME"), "Debian 12");
}

TEST(Lineup, does_not_take_a_longer_key_for_the_one_asked_for) {
  EXPECT_EQ(field("Seccomp_filters:\t3\nSeccomp:\t2\n", "Seccomp"), "2");
  EXPECT_EQ(field("Seccomp_filters:\t3\n", "Seccomp"), std::nullopt);
}

TEST(CpuTimes, add_up_what_is_busy_and_count_guests_once) {
  const auto times =
      parse_cpu_times("cpu  100 20 300 4000 50 6 7 8 90 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n", 100);
  ASSERT_TRUE(times);
  EXPECT_DOUBLE_EQ(times->busy_s, 4.33);
  EXPECT_DOUBLE_EQ(times->idle_s, 40.5);
  EXPECT_DOUBLE_EQ(times->steal_s, 0.08);
}

TEST(CpuTimes, are_unknown_where_a_column_is_missing) {
  EXPECT_EQ(parse_cpu_times("cpu  100 20 300 4000\n", 100), std::nullopt);
  EXPECT_EQ(parse_cpu_times("", 100), std::nullopt);
}

TEST(CpuQuota, is_a_number_of_cpus_or_none) {
  EXPECT_EQ(parse_cpu_quota("50000 100000"), 0.5);
  EXPECT_EQ(parse_cpu_quota("250000 100000"), 2.5);
  EXPECT_EQ(parse_cpu_quota("max 100000"), std::nullopt);
  EXPECT_EQ(parse_cpu_quota("-1 100000"), std::nullopt);
  EXPECT_EQ(parse_cpu_quota("50000"), std::nullopt);
  EXPECT_EQ(parse_cpu_quota("50000 0"), std::nullopt);
  EXPECT_EQ(parse_cpu_quota(""), std::nullopt);
}

TEST(Cgroups, of_version_2_lead_from_the_process_to_the_root) {
  const Cgroups groups = parse_cgroups("0::/user.slice/a.scope", "cpu");
  EXPECT_FALSE(groups.version_1);
  EXPECT_EQ(groups.directories, (Directories{"/sys/fs/cgroup/user.slice/a.scope",
                                             "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"}));
}

TEST(Cgroups, of_version_1_win_over_version_2_beside_them) {
  for (const char* text : {"9:cpuset:/x\n4:cpu,cpuacct:/docker\n0::/\n",
                           "0::/\n4:cpuacct,cpu:/docker\n9:cpuset:/x\n"}) {
    const Cgroups groups = parse_cgroups(text, "cpu");
    EXPECT_TRUE(groups.version_1);
    EXPECT_EQ(groups.directories, (Directories{"/sys/fs/cgroup/cpu/docker", "/sys/fs/cgroup/cpu"}));
  }
}

TEST(Cgroups, are_none_where_the_text_names_none) {
  EXPECT_TRUE(parse_cgroups("", "cpu").directories.empty());
  EXPECT_TRUE(parse_cgroups("9:cpuset:/\nno colons here\n1:only one", "cpu").directories.empty());
  EXPECT_TRUE(parse_cgroups("0::no/slash", "cpu").directories.empty());
}

TEST(Cgroups, of_another_controller_lie_in_its_own_hierarchy) {
  const Cgroups groups = parse_cgroups("4:cpu:/docker\n8:pids:/\n0::/\n", "pids");
  EXPECT_EQ(groups.directories, (Directories{"/sys/fs/cgroup/pids"}));
}

TEST(PortRange, counts_both_ends) {
  EXPECT_EQ(parse_port_range("32768\t60999"), 28232);
  EXPECT_EQ(parse_port_range("60999 32768"), std::nullopt);
  EXPECT_EQ(parse_port_range("32768"), std::nullopt);
}

TEST(KernelOption, is_on_off_or_unknown) {
  EXPECT_EQ(parse_kernel_option("CONFIG_A=y\nCONFIG_B=m\n", "CONFIG_A"), true);
  EXPECT_EQ(parse_kernel_option("# CONFIG_A is not set\n", "CONFIG_A"), false);
  EXPECT_EQ(parse_kernel_option("CONFIG_AB=y\n", "CONFIG_A"), std::nullopt);
}

}  // namespace
}  // namespace waitbench
