// What a fan-out costs: a task starts others, each of which waits for its turn once, and goes on
// when all have ended.
#include <cstddef>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/switch/actors.hpp"
#include "harness/switch/benchmark.hpp"
#include "impls/lib/children.hpp"
#include "impls/lib/sync/awaiting.hpp"
#include "impls/lib/sync/event.hpp"
#include "impls/lib/task.hpp"
#include "impls/lib/when.hpp"

namespace waitbench::micro {
namespace {

using benchmark::State;

bool keep_running(State& state, std::size_t tasks) {
  return state.KeepRunningBatch(static_cast<benchmark::IterationCount>(tasks));
}

// A family of tasks in one style, which counts those that have not ended.
template <template <class> class Acting>
class FanOut {
 public:
  FanOut(State& state, std::size_t children)
      : state_(state),
        children_(children),
        child_{this, false},
        parent_{this, true},
        cast_(children + 1) {}

  void run() {
    if (!keep_running(state_, children_)) return;
    Task& parent = cast_[children_];
    parent.start(parent_);
    run_until_idle<Task>(run_queue_);
  }

 private:
  struct Member {
    FanOut* family;
    bool is_parent;

    bool begin(Waiter& self) { return is_parent ? family->begin(self) : family->yield(self); }
    bool finish(bool) { return is_parent ? family->go_on() : family->end_child(); }
  };
  using Task = Acting<Member>;

  bool begin(Waiter& parent) {
    all_ended_.clear();
    left_ = children_;
    for (std::size_t i = 0; i < children_; ++i) cast_.renew(i).start(child_);
    return all_ended_.wait(parent);
  }
  bool go_on() { return keep_running(state_, children_); }

  bool yield(Waiter& child) {
    run_queue_.push(child);
    return false;
  }
  bool end_child() {
    if (--left_ == 0) all_ended_.set();
    return false;
  }

  State& state_;
  std::size_t children_;
  RunQueue run_queue_;
  Event all_ended_{run_queue_};
  Member child_;
  Member parent_;
  std::size_t left_ = 0;
  Cast<Task> cast_;
};

template <template <class> class Acting>
void count_children(State& state, std::size_t tasks) {
  FanOut<Acting>(state, tasks).run();
}

Task<> yield_once(RunQueue& run_queue, CoroutineWaiter& slot) {
  co_await wait_for(slot, [&](Waiter& self) {
    run_queue.push(self);
    return false;
  });
}

Task<> await_all(State& state, RunQueue& run_queue, std::span<CoroutineWaiter> slots) {
  while (keep_running(state, slots.size())) {
    std::vector<Task<>> children;
    children.reserve(slots.size());
    for (CoroutineWaiter& slot : slots) children.push_back(yield_once(run_queue, slot));
    co_await when_all(std::move(children));
  }
}

Task<> await_in_turn(State& state, RunQueue& run_queue, std::span<CoroutineWaiter> slots) {
  while (keep_running(state, slots.size()))
    for (CoroutineWaiter& slot : slots) co_await yield_once(run_queue, slot);
}

void run_coroutine(State& state, std::size_t tasks,
                   Task<> (*parent)(State&, RunQueue&, std::span<CoroutineWaiter>)) {
  RunQueue run_queue;
  std::vector<CoroutineWaiter> slots(tasks);
  Task<> task = parent(state, run_queue, slots);
  task.start();
  run_until_idle<CoroutineWaiter>(run_queue);
  task.result();
}

void join_threads(State& state, std::size_t tasks) {
  while (keep_running(state, tasks)) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < tasks; ++i) threads.emplace_back([] { std::this_thread::yield(); });
  }
}

void join_processes(State& state, std::size_t tasks) {
  while (keep_running(state, tasks)) {
    Children children;
    for (std::size_t i = 0; i < tasks; ++i) children.start([] { std::this_thread::yield(); });
    children.wait_for_all();
  }
}

}  // namespace

std::vector<Benchmark> join_benchmarks() {
  std::vector<Benchmark> all;
  const auto add = [&](std::string model, const char* style, const char* operation,
                       std::vector<std::size_t> sizes, auto run) -> void {
    for (const std::size_t tasks : sizes)
      all.push_back({.family = "join",
                     .model = model,
                     .style = style,
                     .role = model == style ? "model" : "reference",
                     .operation = operation,
                     .axes = {.tasks = tasks},
                     .run = [=](State& state, CpuPair) { run(state, tasks); }});
  };
  const std::vector<std::size_t> few_to_many = {1, 16, 256};
  add("callback", "callback", "one of so many callbacks comes, and the last lets their owner go on",
      few_to_many, count_children<CallbackActing>);
  add("generator", "generator",
      "one of so many generators is started, driven to its end and joined", few_to_many,
      count_children<GeneratorActing>);
  add("coroutine", "coroutine", "one of so many coroutines is started, waits, ends and is joined",
      few_to_many, [](State& state, std::size_t n) { run_coroutine(state, n, await_all); });
  add("coroutine-in-turn", "coroutine", "a fresh coroutine is awaited, which waits, one by one",
      few_to_many, [](State& state, std::size_t n) { run_coroutine(state, n, await_in_turn); });
#if WAITBENCH_WITH_FIBERS
  add("fiber", "fiber", "one of so many fibers is started, waits, ends and is joined", few_to_many,
      count_children<FiberActing>);
#endif
  add("thread", "thread", "one of so many threads is started, gives way, ends and is joined", {16},
      join_threads);
  add("process", "process", "one of so many processes is forked, gives way, and is waited for",
      {16}, join_processes);
  return all;
}

}  // namespace waitbench::micro
