#include "harness/machine/idle_inhibitor.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/machine/placement.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

std::vector<pid_t> idle_class_threads() {
  std::vector<pid_t> found;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const pid_t thread = std::stoi(task.path().filename());
    if (sched_getscheduler(thread) == SCHED_IDLE) found.push_back(thread);
  }
  return found;
}

std::vector<int> cpus_of(pid_t thread) {
  cpu_set_t allowed;
  std::vector<int> cpus;
  if (sched_getaffinity(thread, sizeof allowed, &allowed) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) cpus.push_back(cpu);
  return cpus;
}

TEST(IdleInhibitor, IsAThreadThatGivesWayToAllOthersOnEachCpu) {
  const std::vector<int> cpus = {available_cpus().front().cpu};
  const IdleInhibitor idle_inhibitor(cpus);
  const std::vector<pid_t> spinners = idle_class_threads();
  ASSERT_EQ(spinners.size(), 1U);
  EXPECT_EQ(cpus_of(spinners.front()), cpus);
}

TEST(IdleInhibitor, UsesTheCpuWhileNobodyElseDoes) {
  const std::vector<int> cpus = {available_cpus().front().cpu};
  const IdleInhibitor idle_inhibitor(cpus);
  const std::int64_t before_ns = read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  const std::int64_t deadline_ns = now_ns() + 10 * ns_per_s;
  const auto used = [&] { return read_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns; };
  while (used() < 10 * ns_per_ms && now_ns() < deadline_ns)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GE(used(), 10 * ns_per_ms);
}

TEST(IdleInhibitor, EndsWithItsObject) {
  { const IdleInhibitor idle_inhibitor(std::vector{available_cpus().front().cpu}); }
  EXPECT_TRUE(idle_class_threads().empty());
}

TEST(CpusToKeepAwake, AreThoseOfClientsAndOfOurOwnBackend) {
  const Placement apart{.client_cpus = {0, 1}, .backend_cpus = {2, 3}};
  EXPECT_EQ(cpus_to_keep_awake(apart, std::nullopt), (std::vector{0, 1, 2, 3}));
  const Placement shared{.client_cpus = {0}, .backend_cpus = {0}, .shared = true};
  EXPECT_EQ(cpus_to_keep_awake(shared, std::nullopt), std::vector{0});
  const Placement elsewhere{.client_cpus = {0}, .backend_cpus = {1}, .backend = "10.0.0.1:80"};
  EXPECT_EQ(cpus_to_keep_awake(elsewhere, std::nullopt), std::vector{0});
}

TEST(CpusToKeepAwake, AreNoneWhereSpinningWouldUseUpAQuota) {
  const Placement placement{.client_cpus = {0}, .backend_cpus = {1}};
  EXPECT_EQ(cpus_to_keep_awake(placement, 2.0).size(), 2U);
  EXPECT_TRUE(cpus_to_keep_awake(placement, 1.5).empty());
}

TEST(IdleInhibitor, OfNoCpusIsNothing) {
  const IdleInhibitor idle_inhibitor({});
  EXPECT_TRUE(idle_class_threads().empty());
}

}  // namespace
}  // namespace waitbench
