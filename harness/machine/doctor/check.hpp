// What a check is made of: a pure function from what a run records about itself to an opinion.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "harness/machine/doctor/doctor.hpp"

namespace waitbench {

struct Opinion {
  Fitness level = Fitness::ok;
  std::string found;
  std::string advice{};
};

struct Check {
  const char* name;
  Opinion (*judge)(const nlohmann::json& context);
};

std::span<const Check> cpu_checks();
std::span<const Check> system_checks();

// The fact at a path such as "/host/smt"; nullopt where it is unknown.
template <class T>
std::optional<T> fact(const nlohmann::json& context, const char* path) {
  const auto found = context.value(nlohmann::json::json_pointer(path), nlohmann::json());
  return found.is_null() ? std::nullopt : std::optional(found.template get<T>());
}

// Unknown facts pass.
inline Opinion unknown() {
  return {Fitness::ok, "unknown"};
}

}  // namespace waitbench
