// How long a reply is delayed, drawn at random: by the client for its query, and by the backend for
// one whose client draws nothing.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/os/random.hpp"
#include "harness/workloads/cell.hpp"

namespace waitbench {

// In ns, at most `most_ns`.
inline std::uint64_t draw_delay_ns(Random& random, DelayShape shape, double mean_ns,
                                   std::uint64_t most_ns) {
  double delay_ns = mean_ns;
  switch (shape) {
    case DelayShape::constant: break;
    case DelayShape::exponential: delay_ns = random.exponential(mean_ns); break;
    case DelayShape::uniform: delay_ns = 2 * mean_ns * random.unit(); break;
  }
  return std::min(static_cast<std::uint64_t>(delay_ns), most_ns);
}

}  // namespace waitbench
