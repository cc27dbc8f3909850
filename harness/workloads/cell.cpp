#include "harness/workloads/cell.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

// Whether the axis says anything about that cell.
template <class T>
bool concerns(const Axis<T>& axis, const Cell& cell) {
  switch (axis.concerns) {
    case Concerns::all: break;
    case Concerns::workload: return workload_named(cell.workload).has_axis(axis.name);
    case Concerns::open_loop: return cell.is_open_loop();
  }
  return true;
}

// A number as it is, and anything else by its name.
template <class T>
auto plain(const Axis<T>& axis, T value) {
  if constexpr (std::is_arithmetic_v<T>)
    return value;
  else
    return name_of(axis, value);
}

template <class T>
void read_value(const Axis<T>& axis, const json& value, Cell& cell) {
  if (axis.concerns != Concerns::all && value.is_null()) return;
  if constexpr (std::is_arithmetic_v<T>) {
    value.get_to(cell.*axis.member);
  } else {
    const auto name = value.get<std::string>();
    const std::optional<T> known = value_named(axis, name);
    if (!known) throw std::invalid_argument(fmt::format("'{}' is no {}", name, axis.name));
    cell.*axis.member = *known;
  }
}

}  // namespace

void to_json(json& json, const Cell& cell) {
  json = json::object();
  for_each_axis([&](const auto& axis) {
    auto& field = json[std::string(axis.name)];
    if (concerns(axis, cell)) field = plain(axis, cell.*axis.member);
  });
}

void from_json(const json& json, Cell& cell) {
  cell = {};
  for_each_axis([&](const auto& axis) {
    const std::string name(axis.name);
    // An earlier version had fewer workloads, and not yet the axes that these brought.
    if (axis.concerns == Concerns::workload && !json.contains(name)) return;
    read_value(axis, json.at(name), cell);
  });
}

std::string cell_name(const Cell& cell) {
  const Cell usual;
  std::string name;
  for_each_axis([&](const auto& axis) {
    const bool is_usual = cell.*axis.member == usual.*axis.member;
    if (!concerns(axis, cell) || (axis.in_name == InName::unless_usual && is_usual)) return;
    if (!name.empty()) name += '/';
    if (axis.in_name != InName::value) name += fmt::format("{}:", axis.name);
    name += fmt::format("{}", plain(axis, cell.*axis.member));
  });
  return name;
}

}  // namespace waitbench
