#include "harness/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/open_loop_fields.hpp"
#include "harness/random.hpp"

namespace waitbench {
namespace {

constexpr double first_qps = 4000;
constexpr double stride = 4;
constexpr double least_turn_queries = 100;  // a p99 of fewer would be their maximum

// Three digits are finer than the search, and better to read.
double rounded(double rate_qps) {
  const double unit = std::pow(10, std::floor(std::log10(rate_qps)) - 2);
  return std::round(rate_qps / unit) * unit;
}

// The plan for one place at one rate.
CellPlan trial_plan(const CellPlan& plan, const Place& place, double rate_qps) {
  CellPlan trial = plan;
  trial.cell.rate_qps = rate_qps;
  trial.turn_queries = arrivals_within(rate_qps, plan.seconds);
  trial.places = {place};
  return trial;
}

}  // namespace

RateSearch::RateSearch(double lowest_qps, double highest_qps)
    : lowest_qps_(lowest_qps), highest_qps_(highest_qps) {}

std::optional<double> RateSearch::next_qps() const {
  if (trials_ >= most_trials) return std::nullopt;
  if (sustained_qps_ && refused_qps_) {
    if (*refused_qps_ <= resolution * *sustained_qps_) return std::nullopt;
    return rounded(std::sqrt(*sustained_qps_ * *refused_qps_));
  }
  if (sustained_qps_) {
    if (*sustained_qps_ >= highest_qps_) return std::nullopt;
    return std::min(stride * *sustained_qps_, highest_qps_);
  }
  if (refused_qps_) {
    if (*refused_qps_ <= lowest_qps_) return std::nullopt;
    return std::max(*refused_qps_ / stride, lowest_qps_);
  }
  return std::clamp(first_qps, lowest_qps_, highest_qps_);
}

void RateSearch::note(double rate_qps, bool sustained) {
  ++trials_;
  if (sustained)
    sustained_qps_ = std::max(rate_qps, sustained_qps_.value_or(rate_qps));
  else
    refused_qps_ = std::min(rate_qps, refused_qps_.value_or(rate_qps));
}

std::vector<SweepFinding> sweep(const CellPlan& plan, const InvocationOptions& options,
                                const std::function<void(const std::vector<Row>&)>& keep) {
  const double highest_qps = static_cast<double>(most_turn_queries) / plan.seconds;
  std::vector<SweepFinding> searching, found;
  for (const Place& place : plan.places)
    searching.push_back({place, RateSearch(least_turn_queries / plan.seconds, highest_qps)});
  InvocationOptions quiet = options;
  quiet.after_round = nullptr;  // what the plan calls a round is a trial of each
  Random random(options.seed);
  while (!searching.empty()) {
    random.shuffle(std::span(searching));
    std::vector<SweepFinding> unfinished;
    for (SweepFinding& one : searching) {
      const std::optional<double> rate_qps = one.search.next_qps();
      if (!rate_qps) {
        found.push_back(one);
        continue;
      }
      const std::vector<Row> rows =
          measure(trial_plan(plan, one.place, *rate_qps), one.place.cohort, quiet);
      keep(rows);
      if (rows.front().status != Status::ok) continue;  // failed, or interrupted
      one.search.note(*rate_qps, is_sustained(rows.front()));
      unfinished.push_back(one);
    }
    searching = std::move(unfinished);
    if (options.after_round) options.after_round();
  }
  return found;
}

std::string to_text(const SweepFinding& finding, double p99_limit_us) {
  const std::optional<double> from = finding.search.sustained_qps();
  const std::optional<double> to = finding.search.refused_qps();
  const std::string found = from && to ? fmt::format("sustains {:.0f} to {:.0f}", *from, *to)
                            : from     ? fmt::format("sustains {:.0f} and more", *from)
                                       : fmt::format("does not sustain {:.0f}", to.value_or(0));
  return fmt::format("{} {} queries/s with a p99 within {} us ({} trials)",
                     finding.place.entrant->name, found, p99_limit_us, finding.search.trials());
}

}  // namespace waitbench
