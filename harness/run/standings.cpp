#include "harness/run/standings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/results/numbers.hpp"

namespace waitbench {
namespace {

std::string key_of(const CellPlan& cell) {
  return cell.purpose + " " + cell_name(cell.cell);
}

// What is ranked in the cell. See half_widths() in precision.hpp.
bool is_by_throughput(const Cell& cell) {
  return cell.delay_us == 0 && !cell.is_open_loop();
}

}  // namespace

void Standings::note(const CellPlan& cell, const std::vector<TurnOf>& round) {
  auto& models = cells_[key_of(cell)];
  for (const auto& [participant, turn] : round) {
    if (participant->role != Role::model && participant->role != Role::guest) continue;
    Values& values = models[participant->name];
    values.cpu_us.push_back(turn.client_cpu_us_per_query);
    values.queries_per_second.push_back(turn.queries_per_second);
  }
}

std::string Standings::to_text(const CellPlan& cell, std::size_t columns) const {
  const auto found = cells_.find(key_of(cell));
  if (found == cells_.end() || found->second.empty()) return "";
  const bool by_throughput = is_by_throughput(cell.cell);
  std::vector<std::pair<double, std::string_view>> medians;
  for (const auto& [name, values] : found->second)
    medians.emplace_back(median(by_throughput ? values.queries_per_second : values.cpu_us), name);
  std::ranges::sort(medians);
  if (by_throughput) std::ranges::reverse(medians);
  const auto word = [by_throughput](const auto& model) {
    return by_throughput ? fmt::format("{:.0f} {}", model.first, model.second)
                         : fmt::format("{:.1f} us {}", model.first, model.second);
  };
  std::string text = fmt::format("{} so far: {}", by_throughput ? "queries/s" : "CPU/query",
                                 word(medians.front()));
  const auto add = [&text, columns](const std::string& more) {
    if (text.size() + more.size() <= columns) text += more;
  };
  if (medians.size() > 1) add(" to " + word(medians.back()));
  const std::string_view first = cell.entries.front().participant->name;
  const auto baseline =
      std::ranges::find(medians, first, &std::pair<double, std::string_view>::second);
  if (baseline != medians.end() && *baseline != medians.front() && *baseline != medians.back())
    add("; " + word(*baseline));
  return text.substr(0, columns);
}

}  // namespace waitbench
