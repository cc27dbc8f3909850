#include "harness/workloads/axis_values.hpp"

#include <algorithm>
#include <utility>

#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

// Each combination made so far, once with each value given for a further axis. A value that was
// given twice makes no second cell.
template <class T>
std::vector<Cell> crossed_with(const std::vector<Cell>& cells, const Axis<T>& axis,
                               const std::vector<T>& values) {
  std::vector<Cell> crossed;
  for (Cell cell : cells)
    for (const T& value : values) {
      // The axes that bring a pool, or a call, come before those of it.
      const bool is_of_part = axis.concerns == Concerns::pool || axis.concerns == Concerns::call;
      if (!is_of_part || concerns(axis.concerns, axis.name, cell)) cell.*axis.member = value;
      if (std::ranges::find(crossed, cell) == crossed.end()) crossed.push_back(cell);
    }
  return crossed;
}

}  // namespace

bool any_given(const AxisValues& given) {
  return std::apply([](const auto&... values) { return (!values.empty() || ...); }, given);
}

Misfit find_misfit(const AxisValues& given) {
  std::vector<std::string_view> names = values_of(given, &Cell::workload);
  if (names.empty()) names.push_back(Cell{}.workload);
  Misfit misfit;
  for_each_axis_of(given, [&](const auto& axis, const auto& values) {
    if (axis.concerns != Concerns::workload || values.empty()) return;
    for (const std::string_view name : names)
      if (!workload_named(name).has_axis(axis.name)) misfit = {axis.flag, name};
  });
  return misfit;
}

std::vector<Cell> cross(const AxisValues& given, const Cell& start) {
  std::vector<Cell> cells = {start};
  for_each_axis_of(given, [&](const auto& axis, const auto& values) {
    if (!values.empty()) cells = crossed_with(cells, axis, values);
  });
  return cells;
}

}  // namespace waitbench
