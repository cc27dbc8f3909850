#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/commands/commands.hpp"
#include "harness/os/streams.hpp"

namespace waitbench {
namespace {

nlohmann::json describe(const Participant& participant) {
  const auto text = [](std::string_view value) {
    return value.empty() ? nlohmann::json(nullptr) : nlohmann::json(value);
  };
  const auto [reason] = participant.eligible();
  return {{"name", participant.name},         {"role", role_name(participant.role)},
          {"style", text(participant.style)}, {"engine", text(participant.engine)},
          {"summary", participant.summary},   {"available", reason.empty()},
          {"reason", text(reason)},           {"concurrent", participant.is_concurrent()}};
}

}  // namespace

int list(const ListOptions& options, const Program& program) {
  nlohmann::json models = nlohmann::json::array();
  for (const Participant& participant : program.participants)
    if (options.all || participant.role == Role::model) models.push_back(describe(participant));
  if (options.json) {
    print_to_stdout("{}\n", models.dump(2));
    return exit_ok;
  }
  for (const auto& model : models) {
    std::string line = fmt::format("{:<34} {}", model["name"].get<std::string>(),
                                   model["summary"].get<std::string>());
    if (!model["available"])
      line += fmt::format(" (not here: {})", model["reason"].get<std::string>());
    print_to_stdout("{}\n", line);
  }
  return exit_ok;
}

}  // namespace waitbench
