// What every pass is given beside the plan of its cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "harness/machine/placement.hpp"
#include "harness/run/standings.hpp"
#include "harness/stage/stage.hpp"

namespace waitbench {

struct PassOptions {
  Placement placement;
  std::size_t invocation = 0;
  std::uint64_t seed = 0;
  std::int64_t deadline_ns = 0;
  double burn_iterations_per_us = 0;
  // To show progress: who has had a turn in the round, where that is known.
  std::function<void(const std::vector<TurnOf>&)> after_round{};
  std::function<void()> after_turn{};
  std::function<void()> after_entry{};      // of what is counted, entry by entry
  MakeExecutor make_executor = make_stage;  // the tests of the passes run no processes

  StageOptions stage_options(const Cell& cell, std::size_t padding_bytes = 0) const {
    return {.workload = cell.workload,
            .placement = placement,
            .deadline_ns = deadline_ns,
            .padding_bytes = padding_bytes};
  }
};

}  // namespace waitbench
