#include "harness/run/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "harness/os/random.hpp"
#include "harness/run/invocation.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr double least_turn_queries = 100;  // a p99 of fewer would be their maximum

// The plan for one entry at one rate.
CellPlan trial_plan(const CellPlan& plan, const Entry& entry, double rate_qps) {
  CellPlan trial = plan;
  trial.cell.rate_qps = rate_qps;
  trial.turn_queries = arrivals_within(rate_qps, plan.seconds);
  trial.entries = {entry};
  return trial;
}

// Whether the rate was reached, and the p99 latency is within the limit.
bool is_sustained(const SweepResult& trial) {
  const double p99_us = trial.latency.corrected_ns.percentile(0.99) / ns_per_us;
  return !is_unstable(trial) && p99_us <= trial.p99_limit_us;
}

// One model's search, and a result for each rate that it has tried.
struct Search {
  SweepFinding finding;
  std::vector<SweepResult> results;

  void add(SweepResult trial) {
    const auto same_rate = [&trial](const SweepResult& tried) { return tried.cell == trial.cell; };
    const auto before = std::ranges::find_if(results, same_rate);
    if (before == results.end())
      results.push_back(std::move(trial));
    else
      before->add(trial);
  }
};

class Sweep {
 public:
  Sweep(const CellPlan& plan, const PassOptions& options)
      : plan_(plan), options_(options), random_(options.seed) {
    options_.after_round = nullptr;  // what the plan calls a round is a trial of each
    seeds_[0] = options.seed;
    for (std::size_t i = 1; i < seeds_.size(); ++i) seeds_[i] = random_.next();
  }

  Random& random() { return random_; }

  // Tries the rate once more. False: that failed, or was interrupted.
  bool try_rate(Search& search, double rate_qps) {
    const Entry& entry = search.finding.entry;
    // All models face the same arrivals at a rate, and each trial of it faces others.
    options_.seed = seeds_[search.finding.search.trials_at(rate_qps)];
    SweepResult trial{measure(trial_plan(plan_, entry, rate_qps), entry.cohort, options_).front()};
    trial.p99_limit_us = plan_.p99_limit_us;
    const bool succeeded = trial.status == Status::ok && !trial.interrupted;
    if (succeeded) {
      const bool sustained = is_sustained(trial);
      search.finding.search.note(rate_qps, sustained);
      trial.trials = 1;
      trial.trials_sustained = sustained ? 1 : 0;
    }
    search.add(std::move(trial));
    return succeeded;
  }

 private:
  const CellPlan& plan_;
  PassOptions options_;
  Random random_;
  std::array<std::uint64_t, RateSearch::most_trials_of_rate> seeds_;
};

}  // namespace

void SweepResult::add(const SweepResult& trial) {
  if (trial.interrupted) return interrupt();
  if (trial.status != Status::ok) {
    *this = trial;
    return;
  }
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(order, trial.order);
  append(turns, trial.turns);
  append(interference, trial.interference);
  latency.add(trial.latency);
  trials += trial.trials;
  trials_sustained += trial.trials_sustained;
}

nlohmann::json to_entry(const SweepResult& result) {
  nlohmann::json entry = to_entry(static_cast<const RoundsResult&>(result));
  if (result.turns.empty()) return entry;
  entry["p99_limit_us"] = result.p99_limit_us;
  entry["trials"] = result.trials;
  entry["trials_sustained"] = result.trials_sustained;
  entry["sustained"] = 2 * result.trials_sustained > result.trials;
  return entry;
}

std::vector<SweepFinding> sweep(const CellPlan& plan, const PassOptions& options,
                                const std::function<void(const std::vector<SweepResult>&)>& keep) {
  const double highest_qps = static_cast<double>(most_turn_queries) / plan.seconds;
  Sweep sweep(plan, options);
  std::vector<Search> searching;
  for (const Entry& entry : plan.entries)
    searching.push_back({{entry, RateSearch(least_turn_queries / plan.seconds, highest_qps)}, {}});
  std::vector<SweepFinding> found;
  while (!searching.empty()) {
    sweep.random().shuffle(std::span(searching));
    std::vector<Search> unfinished;
    for (Search& one : searching) {
      const std::optional<double> rate_qps = one.finding.search.next_qps();
      if (rate_qps && sweep.try_rate(one, *rate_qps)) {
        unfinished.push_back(std::move(one));
        continue;
      }
      keep(one.results);
      if (!rate_qps) found.push_back(std::move(one.finding));
    }
    searching = std::move(unfinished);
    if (options.after_round) options.after_round({});
  }
  return found;
}

std::string to_text(const SweepFinding& finding, double p99_limit_us) {
  const std::optional<double> from = finding.search.sustained_qps();
  const std::optional<double> to = finding.search.refused_qps();
  const std::string found = from && to ? fmt::format("sustains {:.0f} to {:.0f}", *from, *to)
                            : from     ? fmt::format("sustains {:.0f} and more", *from)
                                       : fmt::format("does not sustain {:.0f}", to.value_or(0));
  return fmt::format("{} {} queries/s with a p99 within {} us ({} trials{})",
                     finding.entry.participant->name, found, p99_limit_us, finding.search.trials(),
                     finding.search.is_settled() ? "" : ", which do not agree");
}

}  // namespace waitbench
