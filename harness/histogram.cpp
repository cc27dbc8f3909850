#include "harness/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace waitbench {

double Histogram::percentile(double rank) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(rank * static_cast<double>(total_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (counts_[bucket] > 0 && seen >= wanted)
      return std::min(value_of(bucket), static_cast<double>(max_));
  }
  return 0;
}

}  // namespace waitbench
