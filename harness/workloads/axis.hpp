// What an axis is: one member of a Cell, with all that the program has to know of it. The table of
// axes stands beside Cell, in cell.hpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace waitbench {

struct Cell;

// Which cells an axis says something about. In the others it is null in the results.
enum class Concerns {
  all,
  workload,  // cells of the workloads that list it among their axes
  pool,      // cells whose clients share connections
  call,      // cells whose clients make a call that blocks
  open_loop  // cells that have a rate
};

// How an axis stands in the names of the cells that it concerns.
enum class InName {
  value,        // "tcp"
  always,       // "in_flight:64"
  unless_usual  // "idle:1000", where it is not the default
};

template <class T>
struct Range {
  T least;
  T most;
};

// A value with the name that it has on the command line and in results.
template <class T>
struct Choice {
  std::string_view name;
  T value;
};

// The name of one of workloads().
struct AnyWorkload {};

template <class T>
using ValuesOf = std::conditional_t<
    std::is_same_v<T, std::string_view>, AnyWorkload,
    std::conditional_t<std::is_arithmetic_v<T>, Range<T>, std::span<const Choice<T>>>>;

template <class T>
struct Axis {
  using Value = T;

  std::string_view name;  // in results and in names of cells
  const char* flag;       // its option; null: the option is read by hand
  T Cell::*member;
  ValuesOf<T> values;
  const char* help;
  Concerns concerns = Concerns::all;
  InName in_name = InName::unless_usual;
};

// The values of an axis that has names for them. Of workloads there are those in workloads().
template <class T>
std::span<const Choice<T>> choices_of(const Axis<T>& axis) {
  return axis.values;
}
std::vector<Choice<std::string_view>> choices_of(const Axis<std::string_view>& axis);

// What may stand on the command line, as in "kept,fresh,pool:K".
template <class T>
std::string hint_of(const Axis<T>& axis) {
  std::string hint;
  for (const Choice<T>& choice : choices_of(axis))
    hint.append(hint.empty() ? "" : ",").append(choice.name);
  return hint;
}

template <class T>
std::optional<T> value_named(const Axis<T>& axis, std::string_view name) {
  for (const Choice<T>& choice : choices_of(axis))
    if (choice.name == name) return choice.value;
  return std::nullopt;
}

// Empty for a value that has no name.
template <class T>
std::string_view name_of(const Axis<T>& axis, T value) {
  for (const Choice<T>& choice : choices_of(axis))
    if (choice.value == value) return choice.name;
  return "";
}

// Those of a pool have its size in their name.
struct Connections;
std::string hint_of(const Axis<Connections>& axis);
std::optional<Connections> value_named(const Axis<Connections>& axis, std::string_view name);
std::string name_of(const Axis<Connections>& axis, Connections value);

}  // namespace waitbench
