// What the benchmarks of `switch` have in common: contexts in a ring, each of which touches memory
// of its own at its turn. How control gets from one to the next is what they differ in.
#pragma once

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/switch/benchmark.hpp"

namespace waitbench::micro {

// The memory that one context touches: a word in every cache line of it.
class WorkingSet {
 public:
  explicit WorkingSet(std::size_t bytes) : words_(bytes / sizeof(std::size_t)) {}

  void touch() {
    if (!words_.empty()) touch_lines();
    benchmark::ClobberMemory();
  }

 private:
  // One code for all, so that the loop that is subtracted takes the same time for it.
  [[gnu::noinline]] void touch_lines() {
    for (std::size_t i = 0; i < words_.size(); i += words_per_line) ++words_[i];
  }

  static constexpr std::size_t words_per_line = 64 / sizeof(std::size_t);

  std::vector<std::size_t> words_;
};

struct RingSize {
  std::size_t contexts;
  std::size_t working_set_bytes;
};

// As many contexts as may matter, and, for few and for many, what each has in its caches. The
// product of both at their largest would measure memory, and nothing else.
inline constexpr std::array<RingSize, 8> ring_sizes = {{{2, 0},
                                                        {16, 0},
                                                        {128, 0},
                                                        {1024, 0},
                                                        {2, 4 << 10},
                                                        {2, 64 << 10},
                                                        {128, 4 << 10},
                                                        {128, 64 << 10}}};

inline std::vector<WorkingSet> working_sets(RingSize size) {
  return std::vector<WorkingSet>(size.contexts, WorkingSet(size.working_set_bytes));
}

// Calls turn(i) for one context after the other: the loop of all that goes back to a driver.
template <class Turn>
void take_turns(benchmark::State& state, std::size_t contexts, Turn turn) {
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(contexts)))
    for (std::size_t i = 0; i < contexts; ++i) turn(i);
}

// The loop that has as much memory to touch, and switches nothing.
inline std::string loop_name(RingSize size) {
  return name_of(
      {.family = "switch",
       .model = "loop",
       .axes = {.contexts = size.contexts, .working_set_bytes = size.working_set_bytes}});
}

inline Benchmark in_ring(Benchmark benchmark, RingSize size) {
  benchmark.family = "switch";
  benchmark.axes.contexts = size.contexts;
  benchmark.axes.working_set_bytes = size.working_set_bytes;
  if (benchmark.role != "no-op") benchmark.baseline = loop_name(size);
  return benchmark;
}

// One benchmark for each size of the ring.
inline std::vector<Benchmark> over_ring_sizes(const Benchmark& common,
                                              void (*run)(benchmark::State&, RingSize)) {
  std::vector<Benchmark> all;
  for (const RingSize size : ring_sizes) {
    all.push_back(in_ring(common, size));
    all.back().run = [=](benchmark::State& state, CpuPair) { run(state, size); };
  }
  return all;
}

inline void append(std::vector<Benchmark>& all, std::vector<Benchmark> some) {
  for (Benchmark& benchmark : some) all.push_back(std::move(benchmark));
}

}  // namespace waitbench::micro
