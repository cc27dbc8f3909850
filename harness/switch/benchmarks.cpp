// The table of contents: which families there are, and in which order.
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "harness/switch/benchmark.hpp"
#include "harness/switch/ring.hpp"

namespace waitbench::micro {

std::string name_of(const Benchmark& benchmark) {
  std::string name = benchmark.family + "/" + benchmark.model;
  const Axes& axes = benchmark.axes;
  if (!axes.primitive.empty()) name += fmt::format("/{}", axes.primitive);
  for (const auto& [word, value] :
       {std::pair{"contexts", axes.contexts}, std::pair{"working_set", axes.working_set_bytes},
        std::pair{"depth", axes.depth}, std::pair{"watched", axes.watched},
        std::pair{"ready", axes.ready}, std::pair{"tasks", axes.tasks},
        std::pair{"armed", axes.armed}})
    if (value) name += fmt::format("/{}:{}", word, *value);
  if (axes.where) name += fmt::format("/{}", word_for(*axes.where));
  if (!axes.situation.empty()) name += fmt::format("/{}", axes.situation);
  return name;
}

std::string_view word_for(Where where) {
  return where == Where::same_cpu ? "same-cpu" : "cross-cpu";
}

std::vector<Benchmark> all_benchmarks() {
  std::vector<Benchmark> all;
  for (const auto family : {
         loop_benchmarks, generator_benchmarks, coroutine_benchmarks,
#if WAITBENCH_WITH_FIBERS
             fiber_benchmarks,
#endif
             thread_benchmarks, process_benchmarks, delegation_benchmarks, wake_benchmarks,
             spawn_benchmarks, user_sleeper_benchmarks, kernel_sleeper_benchmarks, sync_benchmarks,
             kernel_sync_benchmarks, join_benchmarks, timer_benchmarks, post_benchmarks
       }) {
    std::vector<Benchmark> some = family();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  // Whatever does not say otherwise has the plainest of loops around it.
  for (Benchmark& benchmark : all)
    if (benchmark.baseline.empty() && benchmark.role != "no-op")
      benchmark.baseline = loop_name(ring_sizes.front());
  return all;
}

}  // namespace waitbench::micro
