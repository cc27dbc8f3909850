// What a run counts after it has timed its cells, and what of that this machine allows.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/machine/tree_events.hpp"

namespace waitbench {

struct Counting {
  std::vector<Event> events;
  bool instructions = false;
  std::map<std::string, std::string> refused;  // what this machine does not allow, and why
};

// `wanted`: names of events, and "instructions"; each counts once.
Counting plan_counting(std::span<const std::string> wanted);

}  // namespace waitbench
