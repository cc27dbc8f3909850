// What the conformance tests share: the participants, and a trial in a line.
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
inline const std::vector<Participant>& everybody() {
  static const std::vector<Participant> participants = participants_with_controls();
  return participants;
}

inline std::vector<const Participant*> participants_with(std::initializer_list<Role> roles) {
  std::vector<const Participant*> chosen;
  for (const Participant& participant : everybody())
    if (std::ranges::find(roles, participant.role) != roles.end()) chosen.push_back(&participant);
  return chosen;
}

// Of the loops, which have one thread each, those over one engine that tells what is ready and one
// that tells what is complete; of all other participants all. What a workload brings does not
// depend on the engine, nor does what threads share with a loop.
inline std::vector<const Participant*> of_each_kind_with(std::initializer_list<Role> roles) {
  std::vector<const Participant*> chosen = participants_with(roles);
  std::erase_if(chosen, [](const Participant* participant) {
    const std::string_view engine = participant->engine;
    return !engine.empty() && engine != "epoll" && engine != "io_uring";
  });
  return chosen;
}

// The thread sanitizer takes long, and has nothing to see in one thread.
inline std::vector<const Participant*> examined_with(std::initializer_list<Role> roles) {
#if defined(__SANITIZE_THREAD__)
  return of_each_kind_with(roles);
#else
  return participants_with(roles);
#endif
}

inline const Participant& participant_named(std::string_view name) {
  return *find_participant(everybody(), name);
}

// The name of a parameter, in the letters that GoogleTest allows.
inline std::string test_name(const Participant* participant) {
  std::string name(participant->name);
  std::ranges::replace(name, '-', '_');
  return name;
}

// One finding for each case.
inline std::vector<Finding> findings_about(const Participant& participant,
                                           const std::vector<VerificationCase>& cases,
                                           std::int64_t deadline_ns) {
  std::vector<Finding> findings;
  const VerificationPlan plan{&participant, cases};
  verify({&plan, 1}, {.placement = plan_placement(available_cpus()), .deadline_ns = deadline_ns},
         [&](std::span<const Finding> found) { findings.assign(found.begin(), found.end()); });
  return findings;
}

}  // namespace waitbench
