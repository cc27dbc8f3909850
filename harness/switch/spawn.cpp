// What it takes to have something done by a fresh task of each kind: made, run to its end, joined.
#include <benchmark/benchmark.h>

#include <memory>
#include <thread>

#include "harness/switch/benchmark.hpp"
#include "impls/lib/children.hpp"
#include "impls/lib/generator.hpp"
#include "impls/lib/task.hpp"
#if WAITBENCH_WITH_FIBERS
#include "impls/lib/stackful_task.hpp"
#include "impls/lib/stacks.hpp"
#endif

namespace waitbench::micro {
namespace {

struct Job {
  void (*function)(Job&);
  bool done = false;
};

void run_object(benchmark::State& state, CpuPair) {
  for (auto _ : state) {
    const auto job = std::make_unique<Job>(Job{[](Job& self) { self.done = true; }});
    benchmark::DoNotOptimize(job.get());
    job->function(*job);
  }
}

[[gnu::noinline]] Generator<int, int> yield_nothing() {
  co_return;
}

void run_generator(benchmark::State& state, CpuPair) {
  for (auto _ : state) {
    Generator<int, int> generator = yield_nothing();
    benchmark::DoNotOptimize(generator.next());
  }
}

[[gnu::noinline]] Task<> do_nothing() {
  co_return;
}

void run_coroutine(benchmark::State& state, CpuPair) {
  for (auto _ : state) {
    Task<> task = do_nothing();
    task.start();
    task.result();
  }
}

#if WAITBENCH_WITH_FIBERS
void run_fiber(benchmark::State& state, CpuPair) {
  const Stacks stacks(1);
  for (auto _ : state) {
    StackfulTask fiber;
    fiber.prepare(stacks[0], [] {});
    fiber.resume();
  }
}
#endif

void run_thread(benchmark::State& state, CpuPair) {
  for (auto _ : state) std::thread([] {}).join();
}

void run_process(benchmark::State& state, CpuPair) {
  for (auto _ : state) {
    Children children;
    children.start([] {});
    children.wait_for_all();
  }
}

}  // namespace

std::vector<Benchmark> spawn_benchmarks() {
  std::vector<Benchmark> all;
  const auto add = [&](const char* style, const char* operation, auto run) {
    all.push_back(
        {.family = "spawn", .model = style, .style = style, .operation = operation, .run = run});
  };
  add("callback", "an object is made on the heap, its function called, and it is dropped",
      run_object);
  add("generator", "a generator is made, driven to its end and dropped", run_generator);
  add("coroutine", "a coroutine is made, started, comes to its end and is dropped", run_coroutine);
#if WAITBENCH_WITH_FIBERS
  add("fiber", "a fiber is made on a stack that is there, runs to its end and is dropped",
      run_fiber);
#endif
  add("thread", "a thread is started and joined", run_thread);
  add("process", "a process is forked and waited for", run_process);
  return all;
}

}  // namespace waitbench::micro
