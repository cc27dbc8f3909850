#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/commands/commands.hpp"

namespace waitbench {
namespace {

nlohmann::json describe(const Entrant& entrant) {
  const auto text = [](std::string_view value) {
    return value.empty() ? nlohmann::json(nullptr) : nlohmann::json(value);
  };
  const std::string reason = entrant.unavailable();
  return {{"name", entrant.name},         {"role", role_name(entrant.role)},
          {"style", text(entrant.style)}, {"engine", text(entrant.engine)},
          {"summary", entrant.summary},   {"available", reason.empty()},
          {"reason", text(reason)},       {"concurrent", entrant.is_concurrent()}};
}

}  // namespace

int list(const ListOptions& options, const Program& program) {
  nlohmann::json models = nlohmann::json::array();
  for (const Entrant& entrant : program.entrants)
    if (options.all || entrant.role == Role::model) models.push_back(describe(entrant));
  if (options.json) {
    fmt::print("{}\n", models.dump(2));
    return exit_ok;
  }
  for (const auto& model : models) {
    fmt::print("{:<32} {}", model["name"].get<std::string>(), model["summary"].get<std::string>());
    if (!model["available"]) fmt::print(" (not here: {})", model["reason"].get<std::string>());
    fmt::print("\n");
  }
  return exit_ok;
}

}  // namespace waitbench
