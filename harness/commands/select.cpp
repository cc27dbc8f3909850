// What commands make of words that several of them take.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>

#include "harness/backend/launch.hpp"
#include "harness/commands/commands.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

std::vector<const Entrant*> select_entrants(std::span<const Entrant> entrants,
                                            const std::string& expression,
                                            std::initializer_list<Role> roles) {
  std::vector<const Entrant*> chosen;
  std::vector<std::string_view> names;
  try {
    const std::regex wanted(expression);
    for (const Entrant& entrant : entrants) {
      if (std::ranges::find(roles, entrant.role) == roles.end()) continue;
      // A pitfall is run only by those who ask for one: it is no model, and it fails.
      if (entrant.role == Role::pitfall && expression.find("pitfall") == expression.npos) continue;
      names.push_back(entrant.name);
      if (std::regex_search(entrant.name.begin(), entrant.name.end(), wanted))
        chosen.push_back(&entrant);
    }
  } catch (const std::regex_error& error) {
    throw UsageError(fmt::format("'{}' is not a regular expression: {}", expression, error.what()));
  }
  if (chosen.empty())
    throw UsageError(
        fmt::format("no model matches '{}'; there are {}", expression, fmt::join(names, ", ")));
  return chosen;
}

Placement place(const std::string& backend) {
  constexpr std::int64_t patience_ns = 5 * ns_per_s;
  Placement placement = plan_placement(available_cpus());
  placement.backend = backend;
  try {
    if (!backend.empty()) check_backend(backend, now_ns() + patience_ns);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--backend {}", error.what()));
  }
  return placement;
}

}  // namespace waitbench
