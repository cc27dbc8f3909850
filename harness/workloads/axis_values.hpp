// The values that a user gives to axes, and the cells that they make.
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "harness/workloads/cell.hpp"

namespace waitbench {

// For each row of the table of axes the values given; none where the axis was not given.
template <class Table>
struct ValuesFor;

template <class... Axes>
struct ValuesFor<std::tuple<Axes...>> {
  using Type = std::tuple<std::vector<typename Axes::Value>...>;
};

using AxisValues = ValuesFor<std::remove_const_t<decltype(axes)>>::Type;

// Calls `action` with each row of the table and the values given to it.
template <class Values, class Action>
void for_each_axis_of(Values& given, Action action) {
  const auto call = [&]<std::size_t... I>(std::index_sequence<I...>) {
    (action(std::get<I>(axes), std::get<I>(given)), ...);
  };
  call(std::make_index_sequence<std::tuple_size_v<AxisValues>>());
}

// The values given to the axis of that member: values_of(given, &Cell::in_flight).
template <class Values, class T>
auto& values_of(Values& given, T Cell::*member) {
  std::conditional_t<std::is_const_v<Values>, const std::vector<T>, std::vector<T>>* found =
      nullptr;
  for_each_axis_of(given, [&](const auto& axis, auto& values) {
    if constexpr (std::is_same_v<decltype(axis.member), T Cell::*>)
      if (axis.member == member) found = &values;
  });
  return *found;
}

bool any_given(const AxisValues& given);

// The flag of an axis that was given and that one of the workloads given does not have; empty when
// there is none.
struct Misfit {
  std::string_view flag;
  std::string_view workload;
};
Misfit find_misfit(const AxisValues& given);

// Every combination of the values given, each once; in the axes that were not given, as `start`.
std::vector<Cell> cross(const AxisValues& given, const Cell& start);

}  // namespace waitbench
