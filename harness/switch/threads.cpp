// Threads in a ring: the kernel switches, and a lock, a semaphore or a pipe tells it to whom.
#include <exception>
#include <thread>

#include "harness/switch/token_ring.hpp"

namespace waitbench::micro {
namespace {

// If not all of them can be started, those that were are told to stop.
template <class Link>
void ring_of_threads(benchmark::State& state, RingSize size, Where where, CpuPair cpus) {
  TokenRing<Link> ring(size, where, cpus);
  std::vector<std::jthread> threads;
  try {
    for (std::size_t i = 1; i < size.contexts; ++i)
      threads.emplace_back([&ring, i] { ring.pass_on(i); });
  } catch (const std::exception&) {
    ring.stop_others();
    throw;
  }
  ring.time_laps(state);
}

template <class Link>
std::vector<Benchmark> rings_of_threads(const char* model, const char* operation) {
  return over_token_rings<Link>({.model = model, .style = "thread", .operation = operation},
                                ring_of_threads<Link>);
}

}  // namespace

std::vector<Benchmark> thread_benchmarks() {
  std::vector<Benchmark> all = rings_of_threads<FutexLink>(
      "thread-futex", "a thread wakes the next one with a futex, and sleeps on its own");
  append(all, rings_of_threads<ConditionLink>(
                  "thread-condvar",
                  "a thread notifies the next one's condition variable, and waits for its own"));
  append(all,
         rings_of_threads<SemaphoreLink>(
             "thread-semaphore", "a thread posts the next one's semaphore, and waits for its own"));
  append(all, rings_of_threads<PipeLink>("thread-pipe",
                                         "a thread writes a byte into a pipe to the next one, and "
                                         "reads from its own"));
  return all;
}

}  // namespace waitbench::micro
