// What commands make of words that several of them take.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/backend/about.hpp"
#include "harness/backend/launch.hpp"
#include "harness/backend/real_servers.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/pattern.hpp"
#include "harness/trial/guest.hpp"
#include "harness/workloads/workload.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::int64_t patience_with_backend_ns = 5 * ns_per_s;

}  // namespace

std::vector<const Participant*> select_participants(std::span<const Participant> participants,
                                                    const std::string& expression,
                                                    std::initializer_list<Role> roles) {
  std::vector<const Participant*> chosen;
  std::vector<std::string_view> names;
  const NameTest wanted = matches("--models", expression);
  for (const Participant& participant : participants) {
    if (std::ranges::find(roles, participant.role) == roles.end()) continue;
    // A pitfall is run only by those who ask for one: it is no model, and it fails.
    if (participant.role == Role::pitfall && expression.find("pitfall") == expression.npos)
      continue;
    names.push_back(participant.name);
    if (wanted(participant.name)) chosen.push_back(&participant);
  }
  if (chosen.empty())
    throw UsageError(fmt::format("--models: no model matches '{}'; there are {}", expression,
                                 fmt::join(names, ", ")));
  return chosen;
}

ProgramWithGuests with_guests(const Program& program, const std::optional<std::string>& folder) {
  ProgramWithGuests all{{program.participants.begin(), program.participants.end()}, program};
  const auto add = [&all](const std::filesystem::path& from) {
    for (Participant& guest : guests_in(from, all.participants))
      all.participants.push_back(std::move(guest));
  };
  try {
    if (folder) add(shipped_guests());
    if (folder && !folder->empty()) add(*folder);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--guests {}", error.what()));
  }
  all.program.participants = all.participants;
  return all;
}

BackendChoice read_backend(const std::string& text) {
  const bool is_workload = std::ranges::any_of(
      workloads(), [&text](const Workload* workload) { return workload->name == text; });
  if (is_workload) return {.workload = text, .endpoint = ""};
  const RealServer* const server = real_server_at(text);
  return {.workload = server ? std::string(server->workload) : "", .endpoint = text};
}

std::string workload_of_backend(const std::string& endpoint) try {
  return workload_of_backend(endpoint, now_ns() + patience_with_backend_ns);
} catch (const std::invalid_argument& error) {
  throw UsageError(fmt::format("--backend {}", error.what()));
}

nlohmann::json about_backend(const std::string& endpoint) try {
  return describe_backend(endpoint, now_ns() + patience_with_backend_ns);
} catch (const std::invalid_argument& error) {
  throw UsageError(fmt::format("--backend {}", error.what()));
}

void check_fan_out(const Cell& cell) {
  if (cell.fan_out > 1 && cell.connections.is_pool())
    throw UsageError(
        "--fan-out: each query of a task has a connection of its own; leave --connections pool:K "
        "out");
  const std::size_t excess = cell.in_flight % cell.fan_out;
  if (excess == 0) return;
  const std::size_t less = cell.in_flight - excess;
  throw UsageError(fmt::format(
      "--fan-out {}: {} queries in flight are no whole number of tasks; use --in-flight {}",
      cell.fan_out, cell.in_flight, less == 0 ? cell.fan_out : less));
}

UsageError other_workload(const std::string& endpoint, std::string_view asked_for,
                          std::string_view answered) {
  return UsageError(fmt::format(
      "--backend {}: it answers the queries of '{}', not those of '{}'; start one with: "
      "waitbench serve --workload {}",
      endpoint, answered, asked_for, asked_for));
}

}  // namespace waitbench
