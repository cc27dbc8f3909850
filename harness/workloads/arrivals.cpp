#include "harness/workloads/arrivals.hpp"

#include <algorithm>
#include <cmath>

#include "harness/os/random.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr double burst_period_s = 0.1;
constexpr double busy_share = 0.5;  // of each period

std::vector<double> evenly(std::size_t count) {
  std::vector<double> points;
  for (std::size_t i = 0; i < count; ++i)
    points.push_back(static_cast<double>(i) / static_cast<double>(count));
  return points;
}

// Ascending points of [0, 1), thrown at random: the running sums of exponential gaps, over the sum
// that one gap more comes to.
std::vector<double> at_random(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> points;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) points.push_back(sum += random.exponential(1));
  sum += random.exponential(1);
  for (double& point : points) point /= sum;
  return points;
}

// The same points, with each of `periods` pressed into its first part.
void press_into_bursts(std::vector<double>& points, double periods) {
  for (double& point : points) {
    const double whole = std::floor(point * periods);
    point = (whole + busy_share * (point * periods - whole)) / periods;
  }
}

std::vector<double> shares_of_length(Arrivals arrivals, std::size_t count, double seconds,
                                     std::uint64_t seed) {
  if (arrivals == Arrivals::constant) return evenly(count);
  std::vector<double> points = at_random(count, seed);
  if (arrivals == Arrivals::onoff)
    press_into_bursts(points, std::max(1.0, std::round(seconds / burst_period_s)));
  return points;
}

}  // namespace

std::size_t arrivals_within(double rate_qps, double seconds) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(rate_qps * seconds)));
}

Schedule make_schedule(Arrivals arrivals, double rate_qps, double seconds, std::uint64_t seed) {
  Schedule schedule;
  schedule.length_ns = static_cast<std::int64_t>(seconds * ns_per_s);
  const auto length_ns = static_cast<double>(schedule.length_ns);
  const std::size_t count = arrivals_within(rate_qps, seconds);
  for (const double share : shares_of_length(arrivals, count, seconds, seed))
    schedule.offsets_ns.push_back(
        std::min(static_cast<std::int64_t>(share * length_ns), schedule.length_ns - 1));
  return schedule;
}

}  // namespace waitbench
