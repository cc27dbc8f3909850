// How long a reply is delayed, drawn at random: by the client for its query, and by the backend for
// a chained one.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/os/random.hpp"
#include "harness/workloads/cell.hpp"
#include "harness/workloads/delay/wire.hpp"

namespace waitbench {

inline std::uint64_t draw_delay_ns(Random& random, DelayShape shape, double mean_ns) {
  double delay_ns = mean_ns;
  switch (shape) {
    case DelayShape::constant: break;
    case DelayShape::exponential: delay_ns = random.exponential(mean_ns); break;
    case DelayShape::uniform: delay_ns = 2 * mean_ns * random.unit(); break;
  }
  return std::min(static_cast<std::uint64_t>(delay_ns), wire::max_delay_ns);
}

}  // namespace waitbench
