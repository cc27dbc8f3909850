// The micro benchmarks: each is named, explained, and does what it says, if only for a moment.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "harness/machine/placement.hpp"
#include "harness/switch/benchmark.hpp"
#include "harness/switch/turn.hpp"

namespace waitbench::micro {
namespace {

CpuPair two_cpus() {
  const std::vector<LogicalCpu> cpus = available_cpus();
  return {.first = cpus.front().cpu, .second = cpus.back().cpu};
}

const Benchmark* find(const std::vector<Benchmark>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, name_of);
  return found == all.end() ? nullptr : &*found;
}

TEST(SwitchBenchmarks, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Benchmark& benchmark : all_benchmarks())
    EXPECT_TRUE(names.insert(name_of(benchmark)).second) << name_of(benchmark);
  EXPECT_TRUE(names.contains("switch/thread-pipe/contexts:2/working_set:0/same-cpu"));
  EXPECT_TRUE(names.contains("delegate/generator/depth:64"));
  EXPECT_TRUE(names.contains("wake/epoll/watched:4096/ready:409"));
  EXPECT_TRUE(names.contains("spawn/coroutine/tasks:1000000"));
  EXPECT_TRUE(names.contains("sync/coroutine/lock/contexts:1024/handed-over"));
  EXPECT_TRUE(names.contains("sync/process/queue/contexts:2/cross-cpu/handed-over"));
  EXPECT_TRUE(names.contains("join/generator/tasks:16"));
  EXPECT_TRUE(names.contains("timer/select/armed:10000/cancelled"));
  EXPECT_TRUE(names.contains("post/epoll/cross-cpu"));
}

TEST(SwitchBenchmarks, AreTheSameWheneverTheyAreAskedFor) {
  EXPECT_TRUE(std::ranges::equal(all_benchmarks(), all_benchmarks(), {}, name_of, name_of));
}

TEST(SwitchBenchmarks, SayInOneLineWhatOneOperationIs) {
  for (const Benchmark& benchmark : all_benchmarks()) {
    EXPECT_GE(benchmark.operation.size(), 20U) << name_of(benchmark);
    EXPECT_EQ(benchmark.operation.find('\n'), std::string::npos) << name_of(benchmark);
  }
}

TEST(SwitchBenchmarks, HaveAnEmptyLoopToSubtractThatTouchesAsMuch) {
  const std::vector<Benchmark> all = all_benchmarks();
  for (const Benchmark& benchmark : all) {
    const Benchmark* loop = find(all, benchmark.baseline);
    if (benchmark.role == "no-op") {
      EXPECT_EQ(benchmark.baseline, "");
      continue;
    }
    ASSERT_NE(loop, nullptr) << name_of(benchmark);
    EXPECT_EQ(loop->role, "no-op");
    EXPECT_EQ(loop->axes.working_set_bytes.value_or(0),
              benchmark.axes.working_set_bytes.value_or(0));
    EXPECT_EQ(loop->axes.contexts, benchmark.axes.contexts.value_or(2));
  }
}

// Those that have as many tasks as there may be, which are weighed.
bool is_population(const Benchmark& benchmark) {
  return benchmark.family == "spawn" && benchmark.axes.tasks.has_value();
}

TEST(SwitchBenchmarks, NameTheLimitOfHowManyTasksThereMayBe) {
  for (const Benchmark& benchmark : all_benchmarks()) {
    EXPECT_EQ(is_population(benchmark), !benchmark.limit.empty()) << name_of(benchmark);
    EXPECT_GT(benchmark.axes.tasks.value_or(1), 0U) << name_of(benchmark);
  }
}

TEST(SwitchBenchmarks, ThatFailSayWhy) {
  const Benchmark failing{
      .run = [](benchmark::State&, CpuPair) { throw std::runtime_error("it is meant to"); }};
  EXPECT_EQ(take_turn(failing, {.benchmark = "failing", .iterations = 1}).error, "it is meant to");
}

TEST(SwitchBenchmarks, RunAsManyIterationsAsTheirTimeAllows) {
  const std::vector<Benchmark> all = all_benchmarks();
  const Benchmark* loop = find(all, "switch/loop/contexts:2/working_set:0");
  const TurnResult result =
      take_turn(*loop, {.benchmark = name_of(*loop), .min_time_s = 1e-4, .cpus = two_cpus()});
  EXPECT_EQ(result.error, "");
  EXPECT_GE(result.real_s, 1e-4);
  EXPECT_GT(result.iterations, 1U);
}

TEST(SwitchBenchmarks, ResultsAndOrdersTravelAsText) {
  const TurnOrder order{.benchmark = "a/b", .iterations = 7, .min_time_s = 0.5, .cpus = {1, 2}};
  EXPECT_EQ(to_text(order_from(to_text(order))), to_text(order));
  const TurnResult weighed{.iterations = 2, .real_s = 1, .cpu_s = 0.5, .bytes_per_task = 8};
  EXPECT_EQ(result_from(to_text(weighed)).bytes_per_task, 8);
  EXPECT_EQ(result_from(to_text(TurnResult{.error = "no"})).bytes_per_task, std::nullopt);
}

// What takes long to set up is left to the program itself.
bool is_small(const Axes& axes) {
  return axes.contexts.value_or(0) <= 16 && axes.watched.value_or(0) <= 64 &&
         axes.depth.value_or(0) <= 8 && axes.tasks.value_or(0) <= 4'000;
}

class SwitchFamily : public testing::TestWithParam<const char*> {};

TEST_P(SwitchFamily, RunsForAMoment) {
  std::size_t ran = 0;
  for (const Benchmark& benchmark : all_benchmarks()) {
    if (benchmark.family != GetParam() || !is_small(benchmark.axes)) continue;
    if (!benchmark.unavailable().empty()) continue;
    const std::uint64_t iterations = std::max<std::size_t>(benchmark.iterations, 3);
    const TurnResult result = take_turn(
        benchmark, {.benchmark = name_of(benchmark), .iterations = iterations, .cpus = two_cpus()});
    EXPECT_EQ(result.error, "") << name_of(benchmark);
    EXPECT_GE(result.iterations, iterations) << name_of(benchmark);
    EXPECT_EQ(result.bytes_per_task.has_value(), is_population(benchmark));
    ++ran;
  }
  EXPECT_GT(ran, 5U);
}

INSTANTIATE_TEST_SUITE_P(Each, SwitchFamily,
                         testing::Values("switch", "delegate", "wake", "spawn", "sync", "join",
                                         "timer", "post"),
                         [](const auto& family) { return std::string(family.param); });

}  // namespace
}  // namespace waitbench::micro
