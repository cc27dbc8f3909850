// Schedules of the open loop: how many queries, when, and that a seed says it all.
#include "harness/workloads/arrivals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::uint64_t seed = 11;
constexpr Arrivals kinds[] = {Arrivals::constant, Arrivals::poisson, Arrivals::onoff};

std::vector<double> gaps_us(const Schedule& schedule) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < schedule.offsets_ns.size(); ++i)
    gaps.push_back(static_cast<double>(schedule.offsets_ns[i] - schedule.offsets_ns[i - 1]) /
                   ns_per_us);
  return gaps;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += (value - mean(values)) * (value - mean(values));
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(Schedule, HasAsManyArrivalsAsItsRateSays) {
  for (const Arrivals kind : kinds) {
    EXPECT_EQ(make_schedule(kind, 20'000, 2, seed).offsets_ns.size(), 40'000U);
    EXPECT_EQ(make_schedule(kind, 333, 0.1, seed).offsets_ns.size(), 33U);
    EXPECT_EQ(make_schedule(kind, 1, 0.1, seed).offsets_ns.size(), 1U) << "at least one";
  }
}

TEST(Schedule, AscendsWithinItsLength) {
  for (const Arrivals kind : kinds)
    for (const double seconds : {0.01, 0.25, 3.0}) {
      const Schedule schedule = make_schedule(kind, 5000, seconds, seed);
      EXPECT_EQ(schedule.length_ns, static_cast<std::int64_t>(seconds * ns_per_s));
      EXPECT_TRUE(std::ranges::is_sorted(schedule.offsets_ns));
      EXPECT_GE(schedule.offsets_ns.front(), 0);
      EXPECT_LT(schedule.offsets_ns.back(), schedule.length_ns);
    }
}

TEST(Schedule, IsTheSameForTheSameSeedAndAnotherForAnother) {
  for (const Arrivals kind : {Arrivals::poisson, Arrivals::onoff}) {
    const auto once = make_schedule(kind, 1000, 1, seed).offsets_ns;
    EXPECT_EQ(once, make_schedule(kind, 1000, 1, seed).offsets_ns);
    EXPECT_NE(once, make_schedule(kind, 1000, 1, seed + 1).offsets_ns);
  }
}

TEST(Schedule, IsEvenWhereItIsConstant) {
  for (const double gap : gaps_us(make_schedule(Arrivals::constant, 10'000, 1, seed)))
    ASSERT_NEAR(gap, 100, 0.01);
}

// The gaps of a Poisson process are exponential: their deviation is their mean, and a share of 1/e
// is longer than that.
TEST(Schedule, HasExponentialGapsWhereItIsPoisson) {
  const std::vector<double> gaps = gaps_us(make_schedule(Arrivals::poisson, 10'000, 10, seed));
  EXPECT_NEAR(mean(gaps), 100, 1);
  EXPECT_NEAR(deviation(gaps), 100, 2);
  const auto longer = std::ranges::count_if(gaps, [](double gap) { return gap > 100; });
  EXPECT_NEAR(static_cast<double>(longer) / static_cast<double>(gaps.size()), std::exp(-1), 0.01);
}

TEST(Schedule, RestsForHalfOfEachPeriodWhereItIsOnOff) {
  constexpr std::int64_t period_ns = 100 * ns_per_ms;
  const Schedule schedule = make_schedule(Arrivals::onoff, 10'000, 2, seed);
  std::vector<std::size_t> in_period(20);
  for (const std::int64_t offset_ns : schedule.offsets_ns) {
    EXPECT_LT(offset_ns % period_ns, period_ns / 2);
    ++in_period[static_cast<std::size_t>(offset_ns / period_ns)];
  }
  for (const std::size_t count : in_period) EXPECT_NEAR(static_cast<double>(count), 1000, 200);
}

}  // namespace
}  // namespace waitbench
