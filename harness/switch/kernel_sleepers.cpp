// The sleepers that the kernel schedules: threads and processes.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <latch>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "harness/switch/sleepers.hpp"
#include "impls/lib/children.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench::micro {
namespace {

void threads(benchmark::State& state, std::size_t tasks) {
  std::atomic<bool> morning = false;
  std::atomic<std::size_t> awake = 0;
  std::latch asleep(static_cast<std::ptrdiff_t>(tasks));
  std::vector<std::thread> all;
  const auto wake_and_join = [&] {
    morning = true;
    morning.notify_all();
    for (std::thread& thread : all) thread.join();
    return awake.load();
  };
  const auto make = [&] {
    try {
      for (std::size_t i = 0; i < tasks; ++i)
        all.emplace_back([&] {
          asleep.count_down();
          morning.wait(false);
          ++awake;
        });
    } catch (...) {
      wake_and_join();
      throw;
    }
    asleep.wait();
  };
  time_population(state, tasks, make, wake_and_join);
}

// A pipe: those who read from it sleep until nobody can write any more.
struct Bell {
  Bell() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    heard.reset(ends[0]);
    rope.reset(ends[1]);
  }

  Descriptor heard;
  Descriptor rope;
};

// Each child says by a byte that it is about to sleep.
void processes(benchmark::State& state, std::size_t tasks) {
  Bell morning;
  Bell asleep;
  Children children;
  const auto make = [&] {
    for (std::size_t i = 0; i < tasks; ++i)
      children.start([&] {
        morning.rope.reset();
        char byte = 0;
        if (::write(asleep.rope.get(), &byte, 1) == 1) [[maybe_unused]]
          const ssize_t end = ::read(morning.heard.get(), &byte, 1);
      });
    for (std::size_t i = 0; i < tasks; ++i)
      if (char byte; ::read(asleep.heard.get(), &byte, 1) != 1)
        throw std::runtime_error("a process did not tell that it is there");
  };
  time_population(state, tasks, make, [&] {
    morning.rope.reset();
    children.wait_for_all();
    return tasks;
  });
}

}  // namespace

std::vector<Benchmark> kernel_sleeper_benchmarks() {
  return {population_benchmark("thread", threads_within_limits(4'000), threads),
          population_benchmark("process", processes_within_limits(500), processes)};
}

}  // namespace waitbench::micro
