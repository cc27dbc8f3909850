#include "harness/run/precision.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "harness/results/numbers.hpp"

namespace waitbench {
namespace {

using nlohmann::json;
using Logs = std::vector<double>;  // one for each round

// The same unit of work: rounds are paired in it.
using Together = std::pair<std::size_t, std::size_t>;  // invocation, cohort

bool is_ranked(const json& entry, bool by_throughput) {
  if (entry.at("status") != "ok" || entry.at("max_in_flight") != entry.get<Cell>().most_in_flight())
    return false;
  for (const char* flag : {"saturated", "unstable", "backend-limited", "interrupted"}) {
    if (by_throughput && std::string_view(flag) == "saturated") continue;
    if (std::ranges::find(entry.at("flags"), flag) != entry.at("flags").end()) return false;
  }
  return true;
}

Logs logs_of(const json& entry, const char* field) {
  Logs logs;
  for (const json& value : entry.at("rounds").at(field))
    logs.push_back(std::log(value.get<double>()));
  return logs;
}

double half_width_of(const Logs& invocations) {
  const auto n = static_cast<double>(invocations.size());
  if (n < 2) return std::numeric_limits<double>::infinity();
  const boost::math::students_t t(n - 1);
  return boost::math::quantile(t, 0.975) * std::sqrt(sum_of_squares(invocations) / (n - 1) / n);
}

struct Found {
  std::map<Together, Logs> levels;  // of the baseline: the mean of each of its entries
  std::map<std::string, std::map<Together, double>> models;
};

Found read(const json& entries, const CellPlan& plan, bool by_throughput) {
  const char* const field = by_throughput ? "queries_per_second" : "client_cpu_us_per_query";
  const std::string_view baseline = plan.entries.front().participant->name;
  Found found;
  std::set<std::string> unranked;
  for (const json& entry : entries) {
    if (entry.at("purpose") != plan.purpose || entry.get<Cell>() != plan.cell) continue;
    if (entry.at("role") != "model") continue;
    const std::string model = entry.at("model");
    const Logs logs = logs_of(entry, field);
    const Together unit = {entry.at("invocation"), entry.at("cohort")};
    if (!is_ranked(entry, by_throughput) || logs.empty())
      unranked.insert(model);
    else if (model == baseline)
      found.levels[unit].push_back(mean(logs));
    else
      found.models[model][unit] = mean(logs);
  }
  for (const std::string& model : unranked) found.models.erase(model);
  if (unranked.contains(std::string(baseline))) found = {};
  return found;
}

}  // namespace

std::vector<double> half_widths(const json& entries, const CellPlan& plan) {
  const bool by_throughput = plan.cell.delay_us == 0 && !plan.cell.is_open_loop();
  const Found found = read(entries, plan, by_throughput);
  std::vector<double> widths;
  for (const auto& [model, invocations] : found.models) {
    Logs ratios;
    for (const auto& [unit, level] : invocations)
      if (const auto at = found.levels.find(unit); at != found.levels.end())
        ratios.push_back(level - mean(at->second));
    widths.push_back(half_width_of(ratios));
  }
  return widths;
}

std::optional<std::size_t> next_cell(const RunPlan& plan, const json& entries,
                                     const std::function<double(std::size_t)>& expected_s,
                                     double left_s) {
  std::optional<std::size_t> next;
  double most_gained = 0;  // for each second
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const CellPlan& cell = plan.cells[i];
    const double seconds = expected_s(i);
    if (cell.pass != Pass::rounds || cell.lineup != Lineup::models || seconds > left_s) continue;
    const std::vector<double> widths = half_widths(entries, cell);
    if (widths.empty() || std::ranges::max(widths) <= plan.half_width) continue;
    const auto invocations = static_cast<double>(invocations_of(plan, cell));
    if (const double gained = median(widths) / invocations / seconds; gained > most_gained) {
      most_gained = gained;
      next = i;
    }
  }
  return next;
}

}  // namespace waitbench
