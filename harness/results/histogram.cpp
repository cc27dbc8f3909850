#include "harness/results/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace waitbench {

void Histogram::add(const Histogram& others) {
  counts_.resize(std::max(counts_.size(), others.counts_.size()));
  std::ranges::transform(others.counts_, counts_, counts_.begin(), std::plus<>());
  total_ += others.total_;
  sum_ += others.sum_;
  max_ = std::max(max_, others.max_);
}

void Histogram::add_bucket(std::size_t bucket, std::uint64_t count) {
  if (bucket >= counts_.size()) counts_.resize(bucket + 1);
  counts_[bucket] += count;
  total_ += count;
}

void Histogram::add_extent(std::uint64_t sum, std::uint64_t max) {
  sum_ += sum;
  max_ = std::max(max_, max);
}

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
