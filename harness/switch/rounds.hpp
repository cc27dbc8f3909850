// The rounds: in each of them every benchmark has one turn, in shuffled order. What the machine
// does to a round it does to all of its turns, so benchmarks are compared, and the empty loop is
// subtracted, within a round.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/machine/interference.hpp"
#include "harness/results/status.hpp"
#include "harness/switch/benchmark.hpp"
#include "harness/switch/turn.hpp"

namespace waitbench::micro {

struct RoundsOptions {
  std::size_t rounds = 10;
  double min_time_s = 0.01;  // of a turn
  std::uint64_t seed = 0;
  CpuPair cpus{};
  bool one_core = false;         // there is no second CPU to hand over to
  std::int64_t deadline_ns = 0;  // of each turn
};

// What came of a benchmark. The turns of the same index were in the same round.
struct Measured {
  const Benchmark* benchmark = nullptr;
  Status status = Status::ok;
  std::string reason{};
  bool interrupted = false;          // it has fewer rounds than planned
  std::vector<std::size_t> order{};  // its place in each round, from 0
  std::vector<TurnResult> turns{};
  std::vector<Interference> interference{};  // during each round

  double gross_ns(std::size_t round) const;  // of one operation, the loop around it included

  // Median of the rounds in which it is known.
  std::optional<double> bytes_per_task() const;
};

class Rounds {
 public:
  Rounds(std::span<const Benchmark* const> benchmarks, const RoundsOptions& options);

  // A first turn of each, to warm up and to find out how many iterations take long enough; then the
  // rounds. `after_round` is called after each of them, and for the first turns with 0. Ends early
  // when interrupted: a round counts for all or for none.
  void play(const std::function<void(std::size_t round)>& after_round);

  std::span<const Measured> measured() const { return measured_; }

 private:
  TurnResult take_turn(const Measured& measured, std::uint64_t iterations) const;
  void play_round(std::span<const std::size_t> order, InterferenceMonitor& monitor);
  void warm_up();
  void mark_interrupted();

  RoundsOptions options_;
  std::vector<Measured> measured_;
  std::vector<std::uint64_t> iterations_;  // of a turn of each
};

}  // namespace waitbench::micro
