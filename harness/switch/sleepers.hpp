// Very many tasks, all asleep at the same time: what one of them takes in memory, and what it costs
// to make it, to have it sleep, to wake it up and to join it.
#pragma once

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "harness/machine/memory.hpp"
#include "harness/switch/benchmark.hpp"
#include "harness/switch/population.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench::micro {

// Of this process and its children, and of the kernel.
inline std::optional<double> memory_in_use_kib() {
  constexpr std::int64_t settling_ns = ns_per_s;
  return total_kib(read_memory(getpid(), now_ns() + settling_ns));
}

// Calls make(), after which all tasks sleep; weighs them; and calls join(), which says how many
// came back. A weight that is not known, or lost in the noise of the machine, is left out.
template <class Make, class Join>
void time_population(benchmark::State& state, std::size_t tasks, Make make, Join join) {
  const std::optional<double> before_kib = memory_in_use_kib();
  std::size_t joined = tasks;
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(tasks))) {
    make();
    state.PauseTiming();
    if (const auto kib_each = growth_each(before_kib, memory_in_use_kib(), tasks))
      state.counters["bytes_per_task"] = *kib_each * 1024;
    state.ResumeTiming();
    joined = join();
  }
  if (joined != tasks) state.SkipWithError("not all of the sleepers came back");
}

// The benchmark that makes this population, once in a turn.
inline Benchmark population_benchmark(const char* style, const Population& population,
                                      void (*run)(benchmark::State&, std::size_t tasks)) {
  return {.family = "spawn",
          .model = style,
          .style = style,
          .operation =
              "one of so many tasks is made, sleeps while all others do, is woken up and "
              "joined; bytes_per_task: what it takes while all of them sleep",
          .axes = {.tasks = population.tasks},
          .limit = population.limit,
          .iterations = population.tasks,
          .run = [=, tasks = population.tasks](benchmark::State& state, CpuPair) {
            run(state, tasks);
          }};
}

}  // namespace waitbench::micro
