// Numbers on their way into a results file.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <vector>

namespace waitbench {

// NaN when there are none.
inline double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Of at least one value.
inline double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of the distances from the mean.
inline double sum_of_squares(std::span<const double> values) {
  const double middle = mean(values);
  return std::accumulate(values.begin(), values.end(), 0.0, [middle](double sum, double value) {
    return sum + (value - middle) * (value - middle);
  });
}

// JSON has no NaN: what is not known is null.
inline nlohmann::json known(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

}  // namespace waitbench
