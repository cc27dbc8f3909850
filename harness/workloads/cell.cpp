#include "harness/workloads/cell.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/workloads/numbered_name.hpp"
#include "harness/workloads/workload.hpp"

namespace waitbench {

// The compiler checks that every member of Cell has one row.
namespace axes_check {

struct Anything {
  template <class T>
  operator T() const;
};

template <class... Initializers>
consteval std::size_t count_members() {
  if constexpr (requires { Cell{Initializers{}..., Anything{}}; })
    return count_members<Initializers..., Anything>();
  else
    return sizeof...(Initializers);
}

template <class T, class U>
constexpr bool same_member(const Axis<T>& one, const Axis<U>& other) {
  if constexpr (std::is_same_v<T, U>) return one.member == other.member;
  return false;
}

// Pairs of rows that are of one member; each row is one with itself.
consteval std::size_t count_pairs() {
  std::size_t pairs = 0;
  for_each_axis([&](const auto& one) {
    for_each_axis([&](const auto& other) { pairs += same_member(one, other) ? 1 : 0; });
  });
  return pairs;
}

constexpr std::size_t rows = std::tuple_size_v<decltype(axes)>;
static_assert(count_members<>() == rows, "every member of Cell needs a row in the table of axes");
static_assert(count_pairs() == rows, "a member of Cell has two rows in the table of axes");

}  // namespace axes_check

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
  const std::optional<std::size_t> size = number_after(pool_prefix, name, most_connections);
  return size ? std::optional(Connections::pool(*size)) : std::nullopt;
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
    case Concerns::call: return cell.block_us > 0;
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
    // An earlier version had fewer workloads, and no pools or calls, and not the axes of these.
    const bool came_later = axis.concerns != Concerns::all && axis.concerns != Concerns::open_loop;
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
