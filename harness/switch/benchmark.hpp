// A micro benchmark: an ordinary function of Google Benchmark, and what one must know of it to read
// its number: what one operation is, and where it lies on the axes of its family.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waitbench::micro {

// On one CPU all contexts take turns; across CPUs each hands over to one that has slept elsewhere.
enum class Where { same_cpu, cross_cpu };

// An axis that the family does not have is empty.
struct Axes {
  std::optional<std::size_t> contexts{};           // that hand control to each other, in a ring
  std::optional<std::size_t> working_set_bytes{};  // that each of them touches at its turn
  std::optional<Where> where{};                    // for contexts that the kernel schedules
  std::optional<std::size_t> depth{};              // of calls that control goes through
  std::optional<std::size_t> watched{};            // connections, of which
  std::optional<std::size_t> ready{};              // so many have something to read
  std::optional<std::size_t> tasks{};              // that are alive at once
  std::optional<std::size_t> armed{};              // timers that stay meanwhile
  std::string_view primitive{};                    // that tasks wait in: lock, event ...
  std::string_view situation{};                    // in which that happens: uncontended ...
};

// The CPUs of a turn: everything runs on the first, or every other context on the second.
struct CpuPair {
  int first = 0;
  int second = 0;
};

struct Benchmark {
  std::string family{};        // switch, delegate, wake ...
  std::string model{};         // what is measured, by name
  std::string style{};         // of the models that work like it; empty: none
  std::string engine{};        // likewise
  std::string role = "model";  // or "reference": what others may be held against; or "no-op"
  std::string operation{};     // what one operation is, in one line
  Axes axes{};
  std::string limit{};         // what would keep `tasks` from being more on this machine
  std::string baseline{};      // name of what is subtracted from it; empty: nothing is
  std::size_t iterations = 0;  // of each turn; 0: as many as its time allows

  // One iteration is one operation.
  std::function<void(benchmark::State&, CpuPair)> run{};

  // Why this machine cannot run it, as a clause; empty when it can.
  std::function<std::string()> unavailable = [] { return std::string(); };
};

// "switch/thread-pipe/contexts:2/working_set:0/cross-cpu": by this, --benchmark_filter chooses.
std::string name_of(const Benchmark& benchmark);

std::string_view word_for(Where where);

// All of them, in the order in which a reader would want to meet them; the same in every process of
// a run.
std::vector<Benchmark> all_benchmarks();

// What the families contribute, a file each.
std::vector<Benchmark> loop_benchmarks();
std::vector<Benchmark> generator_benchmarks();
std::vector<Benchmark> coroutine_benchmarks();
std::vector<Benchmark> fiber_benchmarks();
std::vector<Benchmark> thread_benchmarks();
std::vector<Benchmark> process_benchmarks();
std::vector<Benchmark> delegation_benchmarks();
std::vector<Benchmark> wake_benchmarks();
std::vector<Benchmark> spawn_benchmarks();
std::vector<Benchmark> user_sleeper_benchmarks();
std::vector<Benchmark> kernel_sleeper_benchmarks();
std::vector<Benchmark> sync_benchmarks();
std::vector<Benchmark> kernel_sync_benchmarks();
std::vector<Benchmark> join_benchmarks();
std::vector<Benchmark> timer_benchmarks();
std::vector<Benchmark> post_benchmarks();

}  // namespace waitbench::micro
