// Generators in a ring, and the least that a coroutine can be for the same purpose.
#include <coroutine>
#include <cstdint>
#include <utility>

#include "harness/switch/ring.hpp"
#include "impls/lib/coroutine_result.hpp"
#include "impls/lib/generator.hpp"

namespace waitbench::micro {
namespace {

// Drives a ring of generators, which count until it is over, and then each of them to its end.
template <class Generator>
void resume_in_turn(benchmark::State& state, RingSize size,
                    Generator (*count)(WorkingSet& memory, const bool& over)) {
  std::vector<WorkingSet> memory = working_sets(size);
  std::vector<Generator> generators;
  bool over = false;
  for (WorkingSet& set : memory) generators.push_back(count(set, over));
  take_turns(state, size.contexts,
             [&](std::size_t i) { benchmark::DoNotOptimize(generators[i].next()); });
  over = true;
  for (Generator& generator : generators)
    if (generator.next() != nullptr) state.SkipWithError("a generator did not end");
}

Generator<std::int64_t> count_and_touch(WorkingSet& memory, const bool& over) {
  for (std::int64_t i = 0; !over; ++i) {
    memory.touch();
    co_yield i;
  }
}

void resume_generators(benchmark::State& state, RingSize size) {
  resume_in_turn(state, size, count_and_touch);
}

// The least that one writes by hand: it yields values, ends, and hands on what its body throws. No
// values are sent to it, it delegates to nobody, and nobody checks how it is used.
class MinimalGenerator {
 public:
  struct promise_type : CoroutineResult<void> {
    const std::int64_t* value;  // null at the end

    MinimalGenerator get_return_object() {
      return MinimalGenerator(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept {
      value = nullptr;
      return {};
    }
    std::suspend_always yield_value(const std::int64_t& yielded) noexcept {
      value = &yielded;
      return {};
    }
  };

  MinimalGenerator(MinimalGenerator&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)) {}
  ~MinimalGenerator() {
    if (frame_) frame_.destroy();
  }

  // The value yielded; null at the end. Throws what the body throws.
  const std::int64_t* next() {
    frame_.resume();
    const std::int64_t* const value = frame_.promise().value;
    if (value == nullptr) [[unlikely]]
      frame_.promise().take_result();
    return value;
  }

 private:
  explicit MinimalGenerator(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

MinimalGenerator count_and_touch_minimally(WorkingSet& memory, const bool& over) {
  for (std::int64_t i = 0; !over; ++i) {
    memory.touch();
    co_yield i;
  }
}

void resume_minimal_generators(benchmark::State& state, RingSize size) {
  resume_in_turn(state, size, count_and_touch_minimally);
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
                   .operation = "a driver resumes the next of its hand-written generators, which "
                                "can yield, end and throw, and nothing else"},
                  resume_minimal_generators));
  return all;
}

}  // namespace waitbench::micro
