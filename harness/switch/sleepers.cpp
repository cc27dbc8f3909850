// The sleepers of user space, who sleep in a queue of timers, as they do in the engines of the
// models.
#include "harness/switch/sleepers.hpp"

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>

#include "harness/os/random.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/generator.hpp"
#include "impls/lib/task.hpp"
#include "impls/lib/timer_queue.hpp"
#if WAITBENCH_WITH_FIBERS
#include "impls/lib/stackful_task.hpp"
#include "impls/lib/stacks.hpp"
#endif

namespace waitbench::micro {
namespace {

// Those who sleep, by when they wake up: each at a moment of its own within a millisecond.
template <class Sleeper>
class Dormitory {
 public:
  explicit Dormitory(std::size_t beds) { queue_.reserve(beds); }

  void sleep(Sleeper sleeper) {
    const auto after_ns = static_cast<std::int64_t>(random_.next() % ns_per_ms);
    queue_.push(start_ns_ + after_ns, std::move(sleeper));
  }

  template <class Wake>
  void wake_all(Wake wake) {
    while (!queue_.empty()) {
      const timespec due = to_timespec(queue_.next_deadline_ns());
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
      const std::int64_t now = now_ns();
      while (!queue_.empty() && queue_.next_deadline_ns() <= now) wake(queue_.pop());
    }
  }

 private:
  TimerQueue<Sleeper> queue_;
  Random random_{1};
  std::int64_t start_ns_ = now_ns();
};

struct Sleeper {
  void (*function)(Sleeper&);
  bool done = false;
};

void objects(benchmark::State& state, std::size_t tasks) {
  std::optional<Dormitory<Sleeper*>> dormitory;
  std::vector<std::unique_ptr<Sleeper>> all;
  const auto make = [&] {
    dormitory.emplace(tasks);
    all.reserve(tasks);
    for (std::size_t i = 0; i < tasks; ++i) {
      all.push_back(std::make_unique<Sleeper>(Sleeper{[](Sleeper& self) { self.done = true; }}));
      dormitory->sleep(all.back().get());
    }
  };
  time_population(state, tasks, make, [&] {
    dormitory->wake_all([](Sleeper* one) { one->function(*one); });
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [](const auto& one) { return one->done; }));
  });
}

Generator<int, int> yield_once() {
  co_yield 1;
}

void generators(benchmark::State& state, std::size_t tasks) {
  using Asleep = Generator<int, int>;
  std::optional<Dormitory<Asleep*>> dormitory;
  std::vector<Asleep> all;
  const auto make = [&] {
    dormitory.emplace(tasks);
    all.reserve(tasks);
    for (std::size_t i = 0; i < tasks; ++i) {
      all.push_back(yield_once());
      if (all.back().next() != nullptr) dormitory->sleep(&all.back());
    }
  };
  time_population(state, tasks, make, [&] {
    dormitory->wake_all([](Asleep* one) { one->next(); });
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [](const Asleep& one) { return one.done(); }));
  });
}

struct Sleep {
  Dormitory<std::coroutine_handle<>>& dormitory;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> sleeper) const { dormitory.sleep(sleeper); }
  void await_resume() const noexcept {}
};

Task<> sleep_once(Dormitory<std::coroutine_handle<>>& dormitory) {
  co_await Sleep{dormitory};
}

void coroutines(benchmark::State& state, std::size_t tasks) {
  std::optional<Dormitory<std::coroutine_handle<>>> dormitory;
  std::vector<Task<>> all;
  const auto make = [&] {
    dormitory.emplace(tasks);
    all.reserve(tasks);
    for (std::size_t i = 0; i < tasks; ++i) {
      all.push_back(sleep_once(*dormitory));
      all.back().start();
    }
  };
  time_population(state, tasks, make, [&] {
    dormitory->wake_all([](std::coroutine_handle<> one) { one.resume(); });
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [](const Task<>& one) { return one.done(); }));
  });
}

#if WAITBENCH_WITH_FIBERS
void fibers(benchmark::State& state, std::size_t tasks) {
  const Stacks stacks(tasks);
  std::optional<Dormitory<StackfulTask*>> dormitory;
  std::unique_ptr<StackfulTask[]> all;
  const auto make = [&] {
    dormitory.emplace(tasks);
    all = std::make_unique<StackfulTask[]>(tasks);
    for (std::size_t i = 0; i < tasks; ++i) {
      all[i].prepare(stacks[i], [&dormitory, &self = all[i]] {
        dormitory->sleep(&self);
        self.suspend();
      });
      all[i].resume();
    }
  };
  time_population(state, tasks, make, [&] {
    dormitory->wake_all([](StackfulTask* one) { one->resume(); });
    return static_cast<std::size_t>(std::count_if(
        all.get(), all.get() + tasks, [](const StackfulTask& one) { return one.done(); }));
  });
}
#endif

}  // namespace

std::vector<Benchmark> user_sleeper_benchmarks() {
  std::vector<Benchmark> all = {
      population_benchmark("callback", that_fit_into_memory(1'000'000, 96), objects),
      population_benchmark("generator", that_fit_into_memory(1'000'000, 256), generators),
      population_benchmark("coroutine", that_fit_into_memory(1'000'000, 256), coroutines)};
#if WAITBENCH_WITH_FIBERS
  all.push_back(population_benchmark("fiber", that_fit_into_memory(100'000, 12 << 10), fibers));
#endif
  return all;
}

}  // namespace waitbench::micro
