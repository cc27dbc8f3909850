// Coroutines: in a ring, in which each resumes the next without going back to a driver; and
// awaiting what is ready already, or a child of their own.
#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "harness/switch/ring.hpp"
#include "impls/lib/task.hpp"

namespace waitbench::micro {
namespace {

// A coroutine of the ring: its owner only starts it, and drops it.
class Runner {
 public:
  struct promise_type {
    Runner get_return_object() {
      return Runner(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  Runner(Runner&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  ~Runner() {
    if (frame_) frame_.destroy();
  }

  std::coroutine_handle<> handle() const { return frame_; }

 private:
  explicit Runner(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

// Symmetric transfer: we are suspended, and `next` goes on in our place.
struct Transfer {
  const std::coroutine_handle<>& next;

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept { return next; }
  void await_resume() const noexcept {}
};

Runner hand_on(WorkingSet& memory, const std::coroutine_handle<>& next) {
  while (true) {
    memory.touch();
    co_await Transfer{next};
  }
}

// The first of the ring goes back to its driver after some laps. Where the compiler makes no tail
// calls (without optimisation), a transfer takes stack until then.
Runner hand_on_and_return(WorkingSet& memory, const std::coroutine_handle<>& next,
                          std::size_t laps) {
  while (true) {
    for (std::size_t lap = 0; lap < laps; ++lap) {
      memory.touch();
      co_await Transfer{next};
    }
    co_await std::suspend_always{};
  }
}

void transfer_symmetrically(benchmark::State& state, RingSize size) {
  constexpr std::size_t transfers_at_once = 1024;
  const std::size_t laps = transfers_at_once / size.contexts;
  std::vector<WorkingSet> memory = working_sets(size);
  std::vector<std::coroutine_handle<>> handles(size.contexts);
  std::vector<Runner> ring;
  ring.push_back(hand_on_and_return(memory[0], handles[1], laps));
  for (std::size_t i = 1; i < size.contexts; ++i)
    ring.push_back(hand_on(memory[i], handles[(i + 1) % size.contexts]));
  for (std::size_t i = 0; i < size.contexts; ++i) handles[i] = ring[i].handle();
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(laps * size.contexts)))
    handles[0].resume();
}

// Such as a write that could be done at once. Nothing tells the compiler that it is so.
struct Leaf {
  std::optional<int> outcome;

  bool await_ready() const noexcept { return outcome.has_value(); }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int await_resume() const { return *outcome; }
};

// The loop of all that awaits, in the shape of the loop that is subtracted.
template <class Await>
Task<> await_in_turn(benchmark::State& state, Await await) {
  const std::size_t at_once = ring_sizes.front().contexts;
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(at_once)))
    for (std::size_t i = 0; i < at_once; ++i) benchmark::DoNotOptimize(co_await await());
}

void await_ready_leaf(benchmark::State& state, CpuPair) {
  Leaf leaf{1};
  Task<> task = await_in_turn(state, [&]() -> Leaf& {
    benchmark::DoNotOptimize(&leaf);
    return leaf;
  });
  task.start();
}

[[gnu::noinline]] Task<int> child() {
  co_return 1;
}

void await_fresh_child(benchmark::State& state, CpuPair) {
  Task<> task = await_in_turn(state, [] { return child(); });
  task.start();
}

// Task<int> but for its frame, which comes from where frames come from by default.
struct MallocedTask {
  struct promise_type : Task<int>::promise_type {
    MallocedTask get_return_object() { return {Task<int>::promise_type::get_return_object()}; }
    static void* operator new(std::size_t bytes) { return ::operator new(bytes); }
    static void operator delete(void* frame, std::size_t bytes) { ::operator delete(frame, bytes); }
  };

  Task<int> task;

  auto operator co_await() && { return std::move(task).operator co_await(); }
};

[[gnu::noinline]] MallocedTask malloced_child() {
  co_return 1;
}

void await_malloced_child(benchmark::State& state, CpuPair) {
  Task<> task = await_in_turn(state, [] { return malloced_child(); });
  task.start();
}

}  // namespace

std::vector<Benchmark> coroutine_benchmarks() {
  std::vector<Benchmark> all = over_ring_sizes(
      {.model = "coroutine-transfer",
       .style = "coroutine",
       .operation = "a coroutine suspends itself and resumes the next one by symmetric transfer"},
      transfer_symmetrically);
  all.push_back({.family = "switch",
                 .model = "coroutine-ready",
                 .style = "coroutine",
                 .operation = "a coroutine awaits what is ready already, and goes on",
                 .run = await_ready_leaf});
  all.push_back({.family = "switch",
                 .model = "coroutine-child",
                 .style = "coroutine",
                 .operation = "a coroutine awaits a fresh child that ends at once; its frame comes "
                              "from a pool",
                 .run = await_fresh_child});
  all.push_back({.family = "switch",
                 .model = "coroutine-child-malloc",
                 .style = "coroutine",
                 .role = "reference",
                 .operation = "a coroutine awaits a fresh child that ends at once; its frame comes "
                              "from malloc",
                 .run = await_malloced_child});
  return all;
}

}  // namespace waitbench::micro
