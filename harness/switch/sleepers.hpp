// Very many tasks, all asleep at the same time: what one of them takes in memory, and what it costs
// to make it, to have it sleep, to wake it up and to join it.
#pragma once

#include <benchmark/benchmark.h>
#include <sys/types.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "harness/switch/benchmark.hpp"
#include "harness/switch/memory.hpp"
#include "harness/switch/population.hpp"

namespace waitbench::micro {

inline const std::vector<pid_t> no_children;

// Calls make(), after which all tasks sleep, and which gives the processes among them; weighs them;
// and calls join(), which says how many came back.
template <class Make, class Join>
void time_population(benchmark::State& state, std::size_t tasks, Make make, Join join) {
  const double before = memory_in_use_bytes({});
  std::size_t joined = tasks;
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(tasks))) {
    const std::vector<pid_t> children = make();
    state.PauseTiming();
    const double bytes = std::max(0.0, memory_in_use_bytes(children) - before);
    state.counters["bytes_per_task"] = bytes / static_cast<double>(tasks);
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
