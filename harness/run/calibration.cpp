#include "harness/run/calibration.hpp"

#include <algorithm>
#include <vector>

#include "harness/run/invocation.hpp"
#include "harness/run/profiles.hpp"

namespace waitbench {
namespace {

constexpr std::size_t in_flight = 64;
constexpr std::size_t short_turn = 500;  // queries
constexpr std::size_t rounds = 5;
constexpr double most_client_share = 0.5;
constexpr double most_backend_share = 0.83;
constexpr std::size_t most_candidates = 4;

// What one model was found to do in a cell.
struct LoadFinding {
  const Participant* model;
  double client_us;  // of CPU for each query
  double backend_us;
  double queries_per_second;
};

using LoadFindings = std::vector<LoadFinding>;
using Models = std::vector<const Participant*>;

bool is_last_rung(double us) {
  return rung_after(us) == us;
}

class Calibration {
 public:
  explicit Calibration(const PassOptions& options) : options_(options) {
    options_.after_round = nullptr;
  }

  Loads find(std::span<const Participant* const> models) {
    Loads loads;
    const LoadFindings flat_out = survey(models);
    if (flat_out.empty()) return loads;
    find_interval(loads, flat_out);
    find_work(loads, flat_out);
    loads.source = "measured";
    return loads;
  }

 private:
  // Flat out, all that can have the whole cell in flight and are to sustain it.
  LoadFindings survey(std::span<const Participant* const> models) {
    const Cell cell = {.in_flight = in_flight, .delay_us = 0};
    Models concurrent;
    for (const Participant* model : models)
      if (model->sets_loads && model->max_in_flight(cell) == in_flight) concurrent.push_back(model);
    return try_out(cell, concurrent);
  }

  // The few that a load has to fit: those of which `load` is highest, and the baseline.
  template <class Load>
  static Models candidates(LoadFindings findings, Load load) {
    const Participant* const baseline = findings.front().model;
    std::ranges::sort(findings, std::ranges::greater{}, load);
    Models models = {baseline};
    for (const LoadFinding& finding : findings)
      if (finding.model != baseline && models.size() < most_candidates)
        models.push_back(finding.model);
    return models;
  }

  // A query costs more at a light load than flat out, since each reply wakes its client: so the
  // first load that is tried is often too heavy.
  void find_interval(Loads& loads, const LoadFindings& flat_out) {
    const Models models = candidates(flat_out, &LoadFinding::client_us);
    const auto cpus = static_cast<double>(options_.placement.client_cpus.size());
    const auto needed_us = [cpus](const LoadFinding& finding) {
      return finding.client_us / cpus / most_client_share;
    };
    double interval_us = rung_from(needed_us(std::ranges::max(flat_out, {}, needed_us)));
    for (;;) {
      const LoadFindings findings =
          try_out({.in_flight = in_flight, .delay_us = interval_us * in_flight}, models);
      if (findings.empty()) return;
      const LoadFinding& costliest = std::ranges::max(findings, {}, &LoadFinding::client_us);
      loads.query_interval_us = interval_us;
      loads.baseline_us = findings.front().client_us;
      loads.costliest = costliest.model->name;
      loads.costliest_us = costliest.client_us;
      loads.client_share = costliest.client_us * costliest.queries_per_second / 1e6 / cpus;
      if (loads.client_share <= most_client_share || is_last_rung(interval_us)) return;
      interval_us = std::max(rung_from(needed_us(costliest)), rung_after(interval_us));
    }
  }

  // Those that cost the backend much and their client little are the first to wait for it.
  void find_work(Loads& loads, const LoadFindings& flat_out) {
    const Models models = candidates(flat_out, [](const LoadFinding& finding) {
      return finding.backend_us / finding.client_us;
    });
    loads.work_us = rung_from(std::ranges::max(flat_out, {}, &LoadFinding::backend_us).backend_us);
    for (const Transport transport : {Transport::tcp, Transport::unix}) {
      double share = backend_share(transport, loads.work_us, models);
      while (share > most_backend_share && !is_last_rung(loads.work_us)) {
        loads.work_us = rung_after(loads.work_us);
        share = backend_share(transport, loads.work_us, models);
      }
      loads.backend_share = std::max(loads.backend_share, share);
    }
  }

  // The most of its CPU that the backend uses for one of them.
  double backend_share(Transport transport, double work_us, const Models& models) {
    const Cell cell = {
        .transport = transport, .in_flight = in_flight, .delay_us = 0, .work_us = work_us};
    double most = 0;
    for (const LoadFinding& finding : try_out(cell, models))
      most = std::max(most, finding.backend_us * finding.queries_per_second / 1e6);
    return most;
  }

  // The medians of a few turns of each, in the order of the models.
  LoadFindings try_out(const Cell& cell, const Models& models) {
    CellPlan plan = rounds_in(cell, "calibration", Lineup::each_once, rounds);
    plan.turn_queries = short_turn;
    for (const Participant* model : models) plan.entries.push_back({model});
    LoadFindings findings;
    for (const RoundsResult& result : measure(plan, 0, options_)) {
      if (result.status != Status::ok || result.turns.empty()) continue;
      findings.push_back({result.entry.participant,
                          median_of(result, &Turn::client_cpu_us_per_query),
                          median_of(result, &Turn::backend_cpu_us_per_query),
                          median_of(result, &Turn::queries_per_second)});
    }
    return findings;
  }

  PassOptions options_;
};

}  // namespace

Loads calibrate(std::span<const Participant* const> models, const PassOptions& options) {
  return Calibration(options).find(models);
}

}  // namespace waitbench
