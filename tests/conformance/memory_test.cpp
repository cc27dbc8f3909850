// The memory pass, on real models: that it tells apart what must differ, and what becomes of those
// who have no memory per connection.
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/run/memory_pass.hpp"
#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

constexpr std::size_t connections = 200;

CellPlan plan_of(std::initializer_list<const char*> names) {
  CellPlan plan{.pass = Pass::memory,
                .purpose = "memory",
                .cell = {.transport = Transport::unix, .in_flight = connections, .delay_us = 200},
                .entries = {},
                .rounds = 1};
  for (const char* name : names) plan.entries.push_back({&participant_named(name)});
  return plan;
}

PassOptions options(std::int64_t deadline_ns) {
  PassOptions options;
  options.placement = plan_placement(available_cpus());
  options.deadline_ns = deadline_ns;
  return options;
}

// The middle one of three: other programs may come or go during any of them. What is not known
// counts as nothing.
double median_kernel_kib(const char* name) {
  std::vector<double> measured;
  for (int invocation = 0; invocation < 3; ++invocation) {
    const MemoryResult result = measure_memory(plan_of({name}), options(30 * ns_per_s)).front();
    EXPECT_EQ(result.status, Status::ok) << result.reason;
    EXPECT_TRUE(result.memory.user_kib);
    measured.push_back(result.memory.kernel_kib.value_or(0));
  }
  std::ranges::sort(measured);
  return measured[1];
}

// A thread has a stack in the kernel, of 16 KiB; a callback's connection has its sockets only.
TEST(MemoryPass, SeesWhatTheKernelKeepsForAThread) {
  constexpr double kernel_stack_kib = 16;
  EXPECT_GT(median_kernel_kib("thread-per-connection"),
            median_kernel_kib("callback-epoll") + kernel_stack_kib / 2);
}

TEST(MemoryPass, GivesARowWithTheReasonToWhoHasNothingToMeasureAndToWhoFails) {
  const std::vector<MemoryResult> results =
      measure_memory(plan_of({"blocking", "control-serial"}), options(ns_per_s));
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].status, Status::skipped);
  EXPECT_EQ(results[0].reason, "it has one connection open, however many it is given");
  EXPECT_EQ(results[1].status, Status::failed);
  EXPECT_EQ(results[1].reason, "1 of 50 queries in flight at the deadline");
  EXPECT_EQ(results[1].in_flight_peak_backend, 1U);
  for (const MemoryResult& result : results) EXPECT_EQ(result.memory, Memory{});
}

}  // namespace
}  // namespace waitbench
