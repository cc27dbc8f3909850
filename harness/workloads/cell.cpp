#include "harness/workloads/cell.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

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

constexpr std::string_view pool_prefix = "pool:";

}  // namespace

std::string hint_of(const Axis<Connections>&) {
  return "kept,fresh,pool:K";
}

std::optional<Connections> value_named(const Axis<Connections>& axis, std::string_view name) {
  for (const auto& [known, value] : choices_of(axis))
    if (known == name) return value;
  if (!name.starts_with(pool_prefix)) return std::nullopt;
  const std::string_view digits = name.substr(pool_prefix.size());
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  if (!is_number || size == 0 || size > most_connections) return std::nullopt;
  return Connections::pool(size);
}

std::string name_of(const Axis<Connections>& axis, Connections value) {
  if (value.is_pool()) return fmt::format("{}{}", pool_prefix, value.pool_size);
  for (const auto& [name, known] : choices_of(axis))
    if (known == value) return std::string(name);
  return "";
}

bool concerns(Concerns what, std::string_view axis, const Cell& cell) {
  switch (what) {
    case Concerns::all: break;
    case Concerns::workload: return workload_named(cell.workload).has_axis(axis);
    case Concerns::pool: return cell.connections.is_pool();
    case Concerns::open_loop: return cell.is_open_loop();
  }
  return true;
}

void to_json(json& json, const Cell& cell) {
  json = json::object();
  for_each_axis([&](const auto& axis) {
    auto& field = json[std::string(axis.name)];
    if (concerns(axis.concerns, axis.name, cell)) field = plain(axis, cell.*axis.member);
  });
}

void from_json(const json& json, Cell& cell) {
  cell = {};
  for_each_axis([&](const auto& axis) {
    const std::string name(axis.name);
    // An earlier version had fewer workloads and no pools, and not yet the axes that these brought.
    const bool came_later = axis.concerns == Concerns::workload || axis.concerns == Concerns::pool;
    if (came_later && !json.contains(name)) return;
    read_value(axis, json.at(name), cell);
  });
}

std::string cell_name(const Cell& cell) {
  const Cell usual;
  std::string name;
  for_each_axis([&](const auto& axis) {
    const bool is_usual = cell.*axis.member == usual.*axis.member;
    if (!concerns(axis.concerns, axis.name, cell) ||
        (axis.in_name == InName::unless_usual && is_usual))
      return;
    if (!name.empty()) name += '/';
    if (axis.in_name != InName::value) name += fmt::format("{}:", axis.name);
    name += fmt::format("{}", plain(axis, cell.*axis.member));
  });
  return name;
}

}  // namespace waitbench
