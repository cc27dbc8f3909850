// A log-linear histogram of durations: 128 buckets for each power of two, so that a value is known
// to better than 1%, over the whole range of 64 bits, and two histograms merge by adding their
// counts.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace waitbench {

class Histogram {
 public:
  static constexpr int sub_bucket_bits = 7;

  // Values below 256 have a bucket each; above, bucket 128 e + (v >> e) with v >> e in [128, 256).
  static constexpr std::size_t bucket_of(std::uint64_t value) {
    const int excess = static_cast<int>(std::bit_width(value)) - (sub_bucket_bits + 1);
    if (excess <= 0) return value;
    const auto e = static_cast<std::size_t>(excess);
    return (e << sub_bucket_bits) + (value >> e);
  }

  static constexpr std::size_t most_buckets =
      std::size_t{65 - sub_bucket_bits} << sub_bucket_bits;  // bucket_of(2^64 - 1) is the last

  // The value in the middle of the bucket.
  static constexpr double value_of(std::size_t bucket) {
    constexpr std::size_t linear = std::size_t{2} << sub_bucket_bits;
    if (bucket < linear) return static_cast<double>(bucket);
    const std::size_t e = (bucket >> sub_bucket_bits) - 1;
    const std::uint64_t low = (bucket - (e << sub_bucket_bits)) << e;
    return static_cast<double>(low) + static_cast<double>(std::uint64_t{1} << e) / 2;
  }

  void add(std::uint64_t value) {
    const std::size_t bucket = bucket_of(value);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
    ++total_;
    sum_ += value;
    if (value > max_) max_ = value;
  }

  void add(const Histogram& others);

  // Values of which only the bucket is known. What they add to sum and maximum has to be added,
  // too.
  void add_bucket(std::size_t bucket, std::uint64_t count);
  void add_extent(std::uint64_t sum, std::uint64_t max);

  std::uint64_t total() const { return total_; }
  std::uint64_t max() const { return max_; }
  std::uint64_t sum() const { return sum_; }
  double mean() const {
    return total_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(total_);
  }
  const std::vector<std::uint64_t>& counts() const { return counts_; }

  // The value that a share `rank` in (0, 1] of all values does not exceed; 0 while empty.
  double percentile(double rank) const;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace waitbench
