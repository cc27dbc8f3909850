#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/commands/commands.hpp"
#include "harness/os/streams.hpp"
#include "harness/trial/guest.hpp"

namespace waitbench {
namespace {

nlohmann::json describe(const Participant& participant) {
  const auto text = [](std::string_view value) {
    return value.empty() ? nlohmann::json(nullptr) : nlohmann::json(value);
  };
  const auto [reason] = participant.eligible();
  nlohmann::json row = {
      {"name", participant.name},         {"role", role_name(participant.role)},
      {"style", text(participant.style)}, {"engine", text(participant.engine)},
      {"summary", participant.summary},   {"available", reason.empty()},
      {"reason", text(reason)},           {"concurrent", participant.is_concurrent()}};
  if (participant.guest) {
    row.update(identity_of(*participant.guest));
    row["packages"] = participant.guest->packages;
    row["build"] = participant.guest->build;
  }
  return row;
}

bool is_listed(const Participant& participant, const ListOptions& options) {
  return options.all || participant.role == Role::model || participant.role == Role::guest;
}

}  // namespace

int list(const ListOptions& options, const Program& program) {
  const ProgramWithGuests everyone = with_guests(program, options.guests);
  nlohmann::json models = nlohmann::json::array();
  for (const Participant& participant : everyone.participants)
    if (is_listed(participant, options)) models.push_back(describe(participant));
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
