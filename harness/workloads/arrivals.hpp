// Open loop: when queries arrive, whatever becomes of those before them. A schedule is drawn in
// advance from a seed, so every model of a round faces the same one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace waitbench {

enum class Arrivals {
  constant,  // evenly spaced
  poisson,   // independent of each other
  onoff      // in bursts: Poisson at twice the rate for half of each 100 ms, and then none
};

struct Schedule {
  std::vector<std::int64_t> offsets_ns;  // ascending, each within [0, length_ns)
  std::int64_t length_ns = 0;
};

// How many queries arrive in so many seconds: at least one.
std::size_t arrivals_within(double rate_qps, double seconds);

// Exactly that many, whatever the seed, so that the rate offered is the one asked for. A Poisson
// process of which the number of arrivals is known is that many points thrown at random; so fixing
// the number changes nothing else about it.
Schedule make_schedule(Arrivals arrivals, double rate_qps, double seconds, std::uint64_t seed);

}  // namespace waitbench
