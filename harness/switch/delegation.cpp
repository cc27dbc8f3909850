// What depth costs: the innermost of N nested calls gives control away and gets it back.
//
// The nest is made once, and stays; so the price is that of a switch out of it and into it again,
// not that of making it.
#include <coroutine>
#include <cstddef>
#include <utility>

#include "harness/switch/ring.hpp"
#include "impls/lib/generator.hpp"
#include "impls/lib/nested_call.hpp"
#include "impls/lib/task.hpp"
#if WAITBENCH_WITH_FIBERS
#include "impls/lib/stackful_task.hpp"
#include "impls/lib/stacks.hpp"
#endif

namespace waitbench::micro {
namespace {

template <class Turn>
void time_turns(benchmark::State& state, Turn turn) {
  take_turns(state, ring_sizes.front().contexts, [&](std::size_t) { turn(); });
}

Generator<int, int> count_by_hand(std::size_t depth) {
  if (depth == 1)
    for (int i = 0;; ++i) co_yield i;
  Generator<int, int> inner = count_by_hand(depth - 1);
  while (const int* value = inner.next()) co_yield *value;
}

Generator<int, int> count_by_delegation(std::size_t depth) {
  if (depth == 1)
    for (int i = 0;; ++i) co_yield i;
  co_yield from(count_by_delegation(depth - 1));
}

void yield_by_hand(benchmark::State& state, std::size_t depth) {
  Generator<int, int> generator = count_by_hand(depth);
  time_turns(state, [&] { benchmark::DoNotOptimize(*generator.next()); });
}

void yield_by_delegation(benchmark::State& state, std::size_t depth) {
  Generator<int, int> generator = count_by_delegation(depth);
  time_turns(state, [&] { benchmark::DoNotOptimize(*generator.next()); });
}

// Where the innermost coroutine waits, as an event loop would remember it.
struct Wait {
  std::coroutine_handle<>& waiter;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { waiter = handle; }
  void await_resume() const noexcept {}
};

Task<> await_nested(std::size_t depth, std::coroutine_handle<>& waiter) {
  if (depth == 1)
    while (true) co_await Wait{waiter};
  co_await await_nested(depth - 1, waiter);
}

void await_at_depth(benchmark::State& state, std::size_t depth) {
  std::coroutine_handle<> waiter;
  Task<> task = await_nested(depth, waiter);
  task.start();
  time_turns(state, [&] { waiter.resume(); });
}

#if WAITBENCH_WITH_FIBERS
void call_at_depth(benchmark::State& state, std::size_t depth) {
  const Stacks stacks(1);
  StackfulTask fiber;
  bool over = false;
  fiber.prepare(stacks[0], [&] {
    call_nested(depth, [&] {
      while (!over) fiber.suspend();
      return 0;
    });
  });
  fiber.resume();
  time_turns(state, [&] { fiber.resume(); });
  over = true;
  fiber.resume();
}
#endif

}  // namespace

std::vector<Benchmark> delegation_benchmarks() {
  std::vector<Benchmark> all;
  const auto add = [&](const char* model, const char* style, const char* operation, auto run) {
    for (const std::size_t depth : {1, 2, 4, 8, 16, 32, 64})
      all.push_back({.family = "delegate",
                     .model = model,
                     .style = style,
                     .operation = operation,
                     .axes = {.depth = depth},
                     .run = [=](benchmark::State& state, CpuPair) { run(state, depth); }});
  };
  add("generator-by-hand", "generator",
      "a value comes up through nested generators, each of which yields what its inner one yields",
      yield_by_hand);
  add("generator", "generator",
      "a value comes up from the innermost of nested generators, which delegate to each other",
      yield_by_delegation);
  add("coroutine", "coroutine",
      "the innermost of nested coroutines, which await each other, is resumed and waits again",
      await_at_depth);
#if WAITBENCH_WITH_FIBERS
  add("fiber", "fiber",
      "a fiber is resumed at the bottom of nested calls, and suspends itself there again",
      call_at_depth);
#endif
  return all;
}

}  // namespace waitbench::micro
