#include "harness/workloads/work.hpp"

#include <algorithm>

#include "harness/os/random.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

void burn(std::uint64_t iterations) {
  Random random(iterations);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < iterations; ++i) sum += random.next();
  asm volatile("" : : "r"(sum));  // the result must be had, or the loop would be dropped
}

double burn_iterations_per_us() {
  constexpr std::uint64_t iterations = 4'000'000;
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const std::int64_t before_ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    burn(iterations);
    const std::int64_t ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
    best = std::max(best, static_cast<double>(iterations) * ns_per_us / static_cast<double>(ns));
  }
  return best;
}

}  // namespace waitbench
