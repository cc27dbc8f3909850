#include "harness/run/loads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/results/results_file.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// A number of the results file that is a load: anything else would be a cell that cannot be.
double load_in(const nlohmann::json& json, const char* name) {
  const double us = json.at(name).get<double>();
  if (!(us > 0 && us <= most_work_us))
    throw std::invalid_argument(fmt::format("its {} is {}, and has to be above 0 and at most {}",
                                            name, json.at(name).dump(), most_work_us));
  return us;
}

}  // namespace

double rung_from(double us) {
  const auto found = std::ranges::lower_bound(ladder_us, us);
  return found == std::end(ladder_us) ? *std::rbegin(ladder_us) : *found;
}

double rung_after(double rung_us) {
  const auto found = std::ranges::upper_bound(ladder_us, rung_us);
  return found == std::end(ladder_us) ? *std::rbegin(ladder_us) : *found;
}

void to_json(nlohmann::json& json, const Loads& loads) {
  json = {{"source", loads.source},
          {"query_interval_us", loads.query_interval_us},
          {"work_us", loads.work_us}};
  if (loads.baseline_us == 0) return;
  json["found"] = {{"baseline_us", loads.baseline_us},
                   {"costliest", loads.costliest},
                   {"costliest_us", loads.costliest_us},
                   {"client_share", loads.client_share},
                   {"backend_share", loads.backend_share}};
}

void from_json(const nlohmann::json& json, Loads& loads) {
  json.at("source").get_to(loads.source);
  loads.query_interval_us = load_in(json, "query_interval_us");
  loads.work_us = load_in(json, "work_us");
  if (!json.contains("found")) return;
  const nlohmann::json& found = json["found"];
  found.at("baseline_us").get_to(loads.baseline_us);
  found.at("costliest").get_to(loads.costliest);
  found.at("costliest_us").get_to(loads.costliest_us);
  found.at("client_share").get_to(loads.client_share);
  found.at("backend_share").get_to(loads.backend_share);
}

std::string to_text(const Loads& loads) {
  std::string text = fmt::format("loads: a query every {:g} us, {:g} us of work per reply",
                                 loads.query_interval_us, loads.work_us);
  if (loads.source != "measured") return text;
  return fmt::format("{} ({} uses {:.0f}% of its CPUs at that rate, the backend {:.0f}% with work)",
                     text, loads.costliest, 100 * loads.client_share, 100 * loads.backend_share);
}

Loads loads_in(const nlohmann::json& context) try {
  return context.at("loads").get<Loads>();
} catch (const nlohmann::json::exception&) {
  throw std::invalid_argument("its loads are not as this program writes them");
}

Loads loads_of(const std::string& results_file) {
  const nlohmann::json content = read_results(results_file);
  if (!content["context"].contains("loads"))
    throw std::invalid_argument(
        "its run had no loads of its own: give a file of --profile quick or full");
  Loads loads = loads_in(content["context"]);
  loads.source = "file";
  return loads;
}

bool needs_loads(const RunPlan& plan) {
  return std::ranges::any_of(plan.cells,
                             [](const CellPlan& cell) { return !fitted_axes(cell.fit).empty(); });
}

void fit(RunPlan& plan, const Loads& loads) {
  for (CellPlan& planned : plan.cells) {
    Cell& cell = planned.cell;
    if (planned.fit.rate_share > 0)
      cell.delay_us =
          loads.query_interval_us * static_cast<double>(cell.in_flight) / planned.fit.rate_share;
    if (planned.fit.work) cell.work_us = loads.work_us;
    if (planned.fit.planted_share > 0 && loads.baseline_us > 0)
      planned.planted_ns = planned.fit.planted_share * loads.baseline_us * ns_per_us;
  }
}

}  // namespace waitbench
