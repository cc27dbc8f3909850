// Generators in a ring, and the least that a coroutine can be for the same purpose.
#include <coroutine>
#include <exception>
#include <utility>

#include "harness/switch/ring.hpp"
#include "impls/lib/generator.hpp"

namespace waitbench::micro {
namespace {

Generator<int, int> count_and_touch(WorkingSet& memory) {
  for (int i = 0;; ++i) {
    memory.touch();
    co_yield i;
  }
}

void resume_generators(benchmark::State& state, RingSize size) {
  std::vector<WorkingSet> memory = working_sets(size);
  std::vector<Generator<int, int>> generators;
  for (WorkingSet& set : memory) generators.push_back(count_and_touch(set));
  take_turns(state, size.contexts,
             [&](std::size_t i) { benchmark::DoNotOptimize(*generators[i].next()); });
}

// What one writes when nothing but yielding is wanted: no values sent, no delegation, no result,
// no exceptions.
class MinimalGenerator {
 public:
  struct promise_type {
    const int* value = nullptr;

    MinimalGenerator get_return_object() {
      return MinimalGenerator(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(const int& yielded) noexcept {
      value = &yielded;
      return {};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  MinimalGenerator(MinimalGenerator&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)) {}
  ~MinimalGenerator() {
    if (frame_) frame_.destroy();
  }

  const int* next() {
    frame_.resume();
    return frame_.promise().value;
  }

 private:
  explicit MinimalGenerator(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

MinimalGenerator count_and_touch_minimally(WorkingSet& memory) {
  for (int i = 0;; ++i) {
    memory.touch();
    co_yield i;
  }
}

void resume_minimal_generators(benchmark::State& state, RingSize size) {
  std::vector<WorkingSet> memory = working_sets(size);
  std::vector<MinimalGenerator> generators;
  for (WorkingSet& set : memory) generators.push_back(count_and_touch_minimally(set));
  take_turns(state, size.contexts,
             [&](std::size_t i) { benchmark::DoNotOptimize(*generators[i].next()); });
}

}  // namespace

std::vector<Benchmark> generator_benchmarks() {
  std::vector<Benchmark> all = over_ring_sizes(
      {.model = "generator",
       .style = "generator",
       .operation = "a driver resumes the next of its generators, which yields a value"},
      resume_generators);
  append(all, over_ring_sizes(
                  {.model = "minimal-coroutine",
                   .style = "generator",
                   .role = "reference",
                   .operation = "a driver resumes the next of its hand-written coroutines, which "
                                "can do nothing but yield a value"},
                  resume_minimal_generators));
  return all;
}

}  // namespace waitbench::micro
