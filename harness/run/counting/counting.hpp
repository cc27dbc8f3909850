// What a run counts after all that it times: which of it this machine allows, and the pass itself.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/run/counting/event_pass.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/row.hpp"

namespace waitbench {

struct Counting {
  std::vector<Event> events;
  bool instructions = false;
  std::map<std::string, std::string> refused;  // what this machine does not allow, and why
};

// `wanted`: names of events, and "instructions"; each counts once.
Counting plan_counting(std::span<const std::string> wanted);

// Counts what is to be counted in the cells that `plan` has timed, and hands the rows of each cell
// to `keep`. Stops when interrupted. `say` is told what is begun.
void count(const Counting& counting, const RunPlan& plan, const EventPassOptions& options,
           const std::function<void(std::span<const Row>)>& keep,
           const std::function<void(const std::string&)>& say);

}  // namespace waitbench
