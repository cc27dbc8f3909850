#include "harness/run/resume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/run/counting/event_pass.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

// What must be the same for the numbers of two runs to be one population.
constexpr const char* identity[] = {
    "/version",   "/commit",           "/dirty",          "/build",
    "/libraries", "/host/kernel",      "/host/cpu_model", "/host/cpus",
    "/host/smt",  "/host/mitigations", "/host/governor",  "/host/affinity",
    "/host/aslr", "/host/clocksource", "/placement"};

constexpr const char* not_ours = "one of its entries is not as this program writes them";

// Who was measured, where and when, as text: the same for an entry and for its entry in the plan.
std::string key_of(const RunPlan& plan, const WorkUnit& unit, const Entry& entry) {
  const CellPlan& cell = plan.cells[unit.cell];
  return json::array({cell.purpose, cell.cell, unit.invocation, unit.cohort,
                      entry.participant->name, entry.repeat})
      .dump();
}

std::string key_of(const json& entry) {
  return json::array({entry.at("purpose"), entry.get<Cell>(), entry.at("invocation"),
                      entry.at("cohort"), entry.at("model"), entry.at("entry")})
      .dump();
}

bool is_whole(const json& entry) {
  return std::ranges::find(entry.at("flags"), "interrupted") == entry.at("flags").end();
}

std::vector<std::string> keys_of(const RunPlan& plan, const WorkUnit& unit) {
  std::vector<std::string> keys;
  for (const Entry& entry : entries_of(plan, unit)) keys.push_back(key_of(plan, unit, entry));
  return keys;
}

// The counting pass is left out: it is short, and is repeated as a whole.
std::map<std::string, json> by_key(json&& entries) try {
  std::map<std::string, json> all;
  for (json& entry : entries)
    if (entry.at("purpose") != counted_purpose) all.emplace(key_of(entry), std::move(entry));
  return all;
} catch (const json::exception&) {
  throw std::invalid_argument(not_ours);
}

}  // namespace

void check_same_place(const json& recorded, const json& present) {
  for (const char* path : identity) {
    const json::json_pointer fact(path);
    const json then = recorded.value(fact, json());
    const json now = present.value(fact, json());
    if (then != now)
      throw std::invalid_argument(
          fmt::format("it was begun elsewhere: {} was {} and is {}; start a new run", path + 1,
                      then.dump(), now.dump()));
  }
}

void recall_further_invocations(RunPlan& plan, const json& entries) try {
  for (CellPlan& cell : plan.cells) {
    cell.further_invocations = 0;
    const std::size_t planned = invocations_of(plan, cell);
    for (const json& entry : entries)
      if (entry.at("purpose") == cell.purpose && entry.get<Cell>() == cell.cell) {
        const std::size_t needed = entry.at("invocation").get<std::size_t>() + 1;
        if (needed > planned + cell.further_invocations)
          cell.further_invocations = needed - planned;
      }
  }
} catch (const json::exception&) {
  throw std::invalid_argument(not_ours);
}

std::vector<WorkUnit> missing_units(const RunPlan& plan, json& entries) {
  std::map<std::string, json> recorded = by_key(std::exchange(entries, json::array()));
  std::vector<WorkUnit> missing;
  for (const WorkUnit& unit : work_units(plan)) {
    std::vector<json> found;
    const std::vector<std::string> keys = keys_of(plan, unit);
    for (const std::string& key : keys)
      if (auto entry = recorded.extract(key); !entry.empty() && is_whole(entry.mapped()))
        found.push_back(std::move(entry.mapped()));
    if (found.size() == keys.size())
      std::ranges::move(found, std::back_inserter(entries));
    else
      missing.push_back(unit);
  }
  if (!recorded.empty())
    throw std::invalid_argument(fmt::format(
        "its command does not lead to {} here: limits may have changed; start a new run",
        recorded.begin()->first));
  return missing;
}

}  // namespace waitbench
