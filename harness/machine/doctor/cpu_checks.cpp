// Checks of the CPUs: who may use them, how evenly they run, and who else does.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "harness/machine/doctor/check.hpp"
#include "harness/machine/interference.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

std::string percent(double share) {
  return fmt::format("{:.1f}%", 100 * share);
}

// What stays the same from boot to boot, so that runs of one kind of machine are found again:
// neither names and numbers of this instance, nor memory to the last page.
Opinion judge_kind(const json& context) {
  const auto model = fact<std::string>(context, "/host/cpu_model");
  if (!model) return unknown();
  std::vector<std::string> facts = {
      fmt::format("{} x {}", fact<int>(context, "/host/cpus").value_or(1), *model)};
  for (const char* path : {"/host/cpu_version", "/host/virtualization"})
    if (const auto text = fact<std::string>(context, path)) facts.push_back(*text);
  if (const auto kib = fact<double>(context, "/host/memory_kib"))
    facts.push_back(fmt::format("{:.0f} GiB", *kib / (1 << 20)));
  return {Fitness::ok, fmt::format("{}", fmt::join(facts, ", "))};
}

Opinion judge_cpus(const json& context) {
  const auto clients = fact<std::vector<int>>(context, "/placement/client_cpus");
  const auto backend = fact<std::vector<int>>(context, "/placement/backend_cpus");
  if (!clients) return unknown();
  if (!backend)
    return {Fitness::ok, fmt::format("clients on {}, backend elsewhere", fmt::join(*clients, ","))};
  if (clients->empty())
    return {Fitness::ok, fmt::format("backend on {}, clients elsewhere", fmt::join(*backend, ","))};
  const std::string found = fmt::format("clients on {}, backend on {}", fmt::join(*clients, ","),
                                        fmt::join(*backend, ","));
  if (clients != backend) return {Fitness::ok, found};
  return {Fitness::advice, found,
          "client and backend take turns on one CPU, and results are labelled so: allow two cores"};
}

Opinion judge_smt(const json& context) {
  const auto active = fact<bool>(context, "/host/smt");
  const bool one_core = fact<bool>(context, "/placement/shared").value_or(false);
  if (!active) return unknown();
  if (!*active) return {Fitness::ok, "off"};
  if (!one_core) return {Fitness::ok, "on; of each core one CPU is used"};
  return {Fitness::advice, "client and backend are siblings on one core",
          "each slows the other: allow a second core"};
}

Opinion judge_governor(const json& context) {
  const auto governor = fact<std::string>(context, "/host/governor");
  if (!governor) return unknown();
  if (*governor == "performance") return {Fitness::ok, *governor};
  return {Fitness::advice, *governor,
          "the clock rate follows the load: cpupower frequency-set -g performance"};
}

// For information: what the kernel does about them is in the price of every system call.
Opinion judge_mitigations(const json& context) {
  const auto all = fact<std::map<std::string, json>>(context, "/host/mitigations");
  if (!all) return unknown();
  const auto active = std::ranges::count_if(*all, [](const auto& entry) {
    return entry.second.is_string() && entry.second.template get<std::string>().starts_with("Miti");
  });
  return {Fitness::ok, fmt::format("{} of {} vulnerabilities mitigated", active, all->size())};
}

Opinion judge_quota(const json& context) {
  const auto quota = fact<double>(context, "/host/cgroup/quota_cpus");
  if (!quota) return {Fitness::ok, "none"};
  const std::string found = fmt::format("{} CPUs", *quota);
  const auto cpus = fact<std::vector<int>>(context, "/host/affinity");
  if (!cpus || *quota >= static_cast<double>(cpus->size())) return {Fitness::ok, found};
  return {Fitness::unfit, fmt::format("{} for {} in use", found, cpus->size()),
          "processes are stopped in mid-turn: lift the quota, or pin fewer CPUs (taskset)"};
}

Opinion judge_throttling(const json& context) {
  const auto periods = fact<std::int64_t>(context, "/host/cgroup/throttled_periods");
  if (!periods) return unknown();
  if (*periods == 0) return {Fitness::ok, "never"};
  return {Fitness::advice, fmt::format("{} times since the control group was made", *periods),
          "its CPU quota was used up: raise or lift it"};
}

Opinion judge_load(const json& context) {
  const auto load = fact<double>(context, "/host/load_1min");
  const auto cpus = fact<double>(context, "/host/cpus");
  if (!load || !cpus) return unknown();
  const std::string found = fmt::format("{} on {} CPUs in the last minute", *load, *cpus);
  if (*load <= *cpus / 2) return {Fitness::ok, found};
  return {Fitness::advice, found, "wait until what causes it is done"};
}

Opinion judge_foreign_cpu(const json& context) {
  const auto share = fact<double>(context, "/host/recent/foreign_cpu_share");
  if (!share) return unknown();
  const std::string found = percent(*share) + " of all CPUs";
  if (*share <= disturbing_share) return {Fitness::ok, found};
  return {Fitness::unfit, found, "end the other programs that are running (top shows them)"};
}

Opinion judge_steal(const json& context) {
  const auto recent = fact<double>(context, "/host/recent/steal_share");
  const auto ever = fact<double>(context, "/host/steal_share");
  if (!recent || !ever) return unknown();
  const std::string found =
      fmt::format("{} at present, {} since it started", percent(*recent), percent(*ever));
  const char* const advice = "the host is shared with others: measure on one that is not";
  if (*recent > disturbing_share) return {Fitness::unfit, found, advice};
  if (*ever > disturbing_share) return {Fitness::advice, found, advice};
  return {Fitness::ok, found};
}

}  // namespace

std::span<const Check> cpu_checks() {
  static constexpr Check checks[] = {
      {"kind", judge_kind},
      {"cpus", judge_cpus},
      {"smt", judge_smt},
      {"governor", judge_governor},
      {"mitigations", judge_mitigations},
      {"cpu-quota", judge_quota},
      {"throttling", judge_throttling},
      {"load", judge_load},
      {"foreign-cpu", judge_foreign_cpu},
      {"steal", judge_steal},
  };
  return checks;
}

}  // namespace waitbench
