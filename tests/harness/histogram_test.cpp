// The histogram: every value to within 1%, over all of 64 bits.
#include "harness/results/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/os/random.hpp"

namespace waitbench {
namespace {

// Values of every magnitude: a random number of random bits.
std::uint64_t value_of_any_size(Random& random) {
  return random.next() >> (random.next() % 64);
}

TEST(Histogram, HasABucketOfItsOwnForEachSmallValue) {
  for (std::uint64_t value = 0; value < 256; ++value) {
    EXPECT_EQ(Histogram::bucket_of(value), value);
    EXPECT_EQ(Histogram::value_of(value), static_cast<double>(value));
  }
}

TEST(Histogram, KnowsEveryValueToWithinOnePercent) {
  Random random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    const std::uint64_t value = value_of_any_size(random);
    const double stored = Histogram::value_of(Histogram::bucket_of(value));
    ASSERT_LE(std::abs(stored - static_cast<double>(value)), 0.01 * static_cast<double>(value))
        << value;
  }
}

TEST(Histogram, PutsLargerValuesIntoLaterBuckets) {
  Random random(2);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = value_of_any_size(random) >> 1;
    const std::size_t step = Histogram::bucket_of(value + 1) - Histogram::bucket_of(value);
    ASSERT_LE(step, 1U) << value;
  }
}

TEST(Histogram, TakesTheLargestValueThereIs) {
  Histogram histogram;
  histogram.add(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(histogram.max(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_NEAR(histogram.percentile(1) / 0x1p64, 1, 0.01);
}

TEST(Histogram, AddedToAnotherIsAsIfAllValuesHadBeenAddedToOne) {
  for (const int first_size : {0, 10, 1000}) {
    Random random(3);
    Histogram first, second, all;
    for (int i = 0; i < 1010; ++i) {
      const std::uint64_t value = value_of_any_size(random) >> 8;
      (i < first_size ? first : second).add(value);
      all.add(value);
    }
    first.add(second);
    EXPECT_EQ(first.counts(), all.counts());
    EXPECT_EQ(first.total(), all.total());
    EXPECT_EQ(first.max(), all.max());
    EXPECT_DOUBLE_EQ(first.mean(), all.mean());
  }
}

TEST(Histogram, HasThePercentilesOfTheSortedValues) {
  for (const std::size_t size : {1U, 2U, 3U, 10U, 999U, 20'000U}) {
    Random random(size);
    Histogram histogram;
    std::vector<std::uint64_t> values;
    for (std::size_t i = 0; i < size; ++i) {
      values.push_back(static_cast<std::uint64_t>(random.exponential(1e6)));
      histogram.add(values.back());
    }
    std::ranges::sort(values);
    for (const double rank : {0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto place = static_cast<std::size_t>(std::ceil(rank * static_cast<double>(size)));
      const auto exact = static_cast<double>(values[std::max<std::size_t>(place, 1) - 1]);
      EXPECT_NEAR(histogram.percentile(rank), exact, 0.01 * exact) << size << " values, " << rank;
    }
  }
}

TEST(Histogram, SaysNoPercentileAboveTheLargestValue) {
  Histogram histogram;
  for (int i = 0; i < 10; ++i) histogram.add(1'000'000);
  EXPECT_LE(histogram.percentile(1), 1'000'000);
}

TEST(Histogram, CountsItsValuesAndTheirMean) {
  Histogram histogram;
  EXPECT_EQ(histogram.total(), 0U);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.percentile(0.5), 0);
  for (const std::uint64_t value : {10U, 20U, 60U}) histogram.add(value);
  EXPECT_EQ(histogram.total(), 3U);
  EXPECT_EQ(histogram.mean(), 30);
  EXPECT_EQ(histogram.max(), 60U);
}

TEST(Histogram, TwoMergeByAddingTheirCounts) {
  Random random(3);
  Histogram one, other, both;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = value_of_any_size(random);
    (i % 3 == 0 ? one : other).add(value);
    both.add(value);
  }
  std::vector<std::uint64_t> sum = one.counts();
  sum.resize(std::max(sum.size(), other.counts().size()));
  for (std::size_t i = 0; i < other.counts().size(); ++i) sum[i] += other.counts()[i];
  EXPECT_EQ(sum, both.counts());
}

// results/README.md says how to get from an index to its bucket: by this arithmetic.
TEST(Histogram, HasTheBucketsThatTheFormatDescribes) {
  Random random(4);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = value_of_any_size(random);
    const std::size_t index = Histogram::bucket_of(value);
    if (index < 256) continue;
    const std::size_t e = index / 128 - 1;
    const std::uint64_t low = (index - e * 128) << e;
    ASSERT_GE(value, low);
    ASSERT_LT(value - low, std::uint64_t{1} << e);
  }
}

}  // namespace
}  // namespace waitbench
