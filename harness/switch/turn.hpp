// A turn: one benchmark, run once by Google Benchmark in a process of its own. So a turn finds no
// memory, thread or child of another one, and one that hangs or crashes is a reason in its row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/switch/benchmark.hpp"

namespace waitbench::micro {

struct TurnOrder {
  std::string benchmark{};       // its name
  std::uint64_t iterations = 0;  // 0: as many as take `min_time_s`
  double min_time_s = 0;
  CpuPair cpus{};
  int result_fd = -1;  // where to write the result to
};

struct TurnResult {
  std::string error{};  // empty: it went well
  std::uint64_t iterations = 0;
  double real_s = 0;  // of all iterations
  double cpu_s = 0;   // of the thread that runs the benchmark: others are not in it
  std::optional<double> bytes_per_task{};
};

// Runs it in this process, which may stay pinned to one of the CPUs.
TurnResult take_turn(const Benchmark& benchmark, const TurnOrder& order);

// The sub-command: takes the turn, and hands back the result. Gives the exit code.
int run_turn(const TurnOrder& order);

// As they travel between the processes, in JSON; the second of each throws what nlohmann::json
// throws.
std::string to_text(const TurnOrder& order);
TurnOrder order_from(const std::string& text);
std::string to_text(const TurnResult& result);
TurnResult result_from(const std::string& text);

}  // namespace waitbench::micro
