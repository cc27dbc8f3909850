// What the conformance tests share: the entrants, and a trial in a line.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "harness/run/verification.hpp"
#include "harness/stage/stage.hpp"
#include "tests/conformance/controls.hpp"

namespace waitbench {

// They live as long as the tests do.
inline const std::vector<Entrant>& everybody() {
  static const std::vector<Entrant> entrants = entrants_with_controls();
  return entrants;
}

inline std::vector<const Entrant*> entrants_with(std::initializer_list<Role> roles) {
  std::vector<const Entrant*> chosen;
  for (const Entrant& entrant : everybody())
    if (std::ranges::find(roles, entrant.role) != roles.end()) chosen.push_back(&entrant);
  return chosen;
}

inline const Entrant& entrant_named(std::string_view name) {
  return *find_entrant(everybody(), name);
}

// The name of a parameter, in the letters that GoogleTest allows.
inline std::string test_name(const Entrant* entrant) {
  std::string name(entrant->name);
  std::ranges::replace(name, '-', '_');
  return name;
}

// One finding for each case.
inline std::vector<Finding> findings_about(const Entrant& entrant,
                                           const std::vector<VerificationCase>& cases,
                                           std::int64_t deadline_ns) {
  std::vector<Finding> findings;
  const Entrant* const entrants[] = {&entrant};
  verify(entrants, cases,
         {.placement = plan_placement(available_cpus()), .deadline_ns = deadline_ns},
         [&](const Finding& finding) { findings.push_back(finding); });
  return findings;
}

}  // namespace waitbench
