// Seeded random numbers: the same everywhere, and fair.
#include "harness/os/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

namespace waitbench {
namespace {

std::vector<int> shuffled(std::uint64_t seed, int size) {
  std::vector<int> items(static_cast<std::size_t>(size));
  std::iota(items.begin(), items.end(), 0);
  Random(seed).shuffle(std::span(items));
  return items;
}

// From the reference implementation of splitmix64, seeded with 1234567.
TEST(Random, IsSplitmix64) {
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
  EXPECT_EQ(random.next(), 9817491932198370423U);
}

TEST(Random, ShufflesToAPermutation) {
  for (const int size : {0, 1, 2, 10, 1000}) {
    std::vector<int> items = shuffled(5, size);
    std::ranges::sort(items);
    for (int i = 0; i < size; ++i) ASSERT_EQ(items[static_cast<std::size_t>(i)], i);
  }
}

TEST(Random, TheSameSeedGivesTheSameOrder) {
  EXPECT_EQ(shuffled(42, 100), shuffled(42, 100));
  EXPECT_NE(shuffled(42, 100), shuffled(43, 100));
}

TEST(Random, EveryOrderIsEquallyLikely) {
  constexpr int trials = 60'000;
  Random random(7);
  std::map<std::vector<int>, int> seen;
  for (int i = 0; i < trials; ++i) {
    std::vector<int> items = {0, 1, 2};
    random.shuffle(std::span(items));
    ++seen[items];
  }
  ASSERT_EQ(seen.size(), 6U);
  for (const auto& [order, times] : seen) EXPECT_NEAR(times, trials / 6, 400);  // over 4 sigma
}

TEST(Random, UnitIsAboveZeroAndAtMostOne) {
  Random random(8);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double unit = random.unit();
    ASSERT_GT(unit, 0);
    ASSERT_LE(unit, 1);
    sum += unit;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.01);
}

TEST(Random, ExponentialHasTheMeanAskedForAndIsNeverNegative) {
  Random random(9);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.exponential(1000);
    ASSERT_GE(value, 0);
    sum += value;
  }
  EXPECT_NEAR(sum / 100'000, 1000, 20);
}

}  // namespace
}  // namespace waitbench
