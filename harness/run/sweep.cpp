#include "harness/run/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

#include "harness/os/random.hpp"
#include "harness/run/open_loop_fields.hpp"

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

// The plan for one entry at one rate.
CellPlan trial_plan(const CellPlan& plan, const Entry& entry, double rate_qps) {
  CellPlan trial = plan;
  trial.cell.rate_qps = rate_qps;
  trial.turn_queries = arrivals_within(rate_qps, plan.seconds);
  trial.entries = {entry};
  return trial;
}

// Adds what a further trial of its rate showed to a row. If that has no result, nor has the row.
void add_trial(Row& row, const Row& further) {
  if (further.interrupted) return row.interrupt();
  if (further.status != Status::ok) {
    row = further;
    return;
  }
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(row.order, further.order);
  append(row.turns, further.turns);
  append(row.interference, further.interference);
  row.latency.add(further.latency);
  row.trials += further.trials;
  row.trials_sustained += further.trials_sustained;
}

// One model's search, and a row for each rate that it has tried.
struct Search {
  SweepFinding finding;
  std::vector<Row> rows;

  void add(Row trial) {
    const auto same_rate = [&trial](const Row& row) { return row.cell == trial.cell; };
    const auto before = std::ranges::find_if(rows, same_rate);
    if (before == rows.end())
      rows.push_back(std::move(trial));
    else
      add_trial(*before, trial);
  }
};

class Sweep {
 public:
  Sweep(const CellPlan& plan, const InvocationOptions& options)
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
    Row trial = measure(trial_plan(plan_, entry, rate_qps), entry.cohort, options_).front();
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
  InvocationOptions options_;
  Random random_;
  std::array<std::uint64_t, RateSearch::most_trials_of_rate> seeds_;
};

}  // namespace

RateSearch::RateSearch(double lowest_qps, double highest_qps)
    : lowest_qps_(lowest_qps), highest_qps_(highest_qps) {}

std::optional<double> RateSearch::sustained_qps() const {
  std::optional<double> highest;
  for (const auto& [rate_qps, votes] : votes_)
    if (votes.sustained > votes.refused) highest = rate_qps;
  return highest;
}

std::optional<double> RateSearch::refused_qps() const {
  for (const auto& [rate_qps, votes] : votes_)
    if (votes.sustained <= votes.refused) return rate_qps;
  return std::nullopt;
}

std::size_t RateSearch::trials_at(double rate_qps) const {
  const auto found = votes_.find(rate_qps);
  return found == votes_.end() ? 0 : found->second.sustained + found->second.refused;
}

std::optional<double> RateSearch::next_qps() const {
  return trials_ < most_trials ? wanted_qps() : std::nullopt;
}

std::optional<double> RateSearch::wanted_qps() const {
  if (const std::optional<double> tied = tied_qps()) return tied;
  if (const std::optional<double> untried = untried_qps()) return untried;
  return doubtful_qps();
}

std::optional<double> RateSearch::tied_qps() const {
  for (const auto& [rate_qps, votes] : votes_)
    if (votes.are_tied()) return rate_qps;
  return std::nullopt;
}

// Empty when the two rates are close enough, or one is at the end of the range.
std::optional<double> RateSearch::untried_qps() const {
  const std::optional<double> sustained = sustained_qps();
  const std::optional<double> refused = refused_qps();
  if (sustained && refused) {
    if (*refused <= resolution * *sustained) return std::nullopt;
    return rounded(std::sqrt(*sustained * *refused));
  }
  if (sustained) {
    if (*sustained >= highest_qps_) return std::nullopt;
    return std::min(stride * *sustained, highest_qps_);
  }
  if (refused) {
    if (*refused <= lowest_qps_) return std::nullopt;
    return std::max(*refused / stride, lowest_qps_);
  }
  return std::clamp(first_qps, lowest_qps_, highest_qps_);
}

// An end of the search that too few trials agree on.
std::optional<double> RateSearch::doubtful_qps() const {
  for (const std::optional<double>& end : {sustained_qps(), refused_qps()})
    if (end && !votes_.at(*end).agree()) return end;
  return std::nullopt;
}

void RateSearch::note(double rate_qps, bool sustained) {
  ++trials_;
  Votes& votes = votes_[rate_qps];
  ++(sustained ? votes.sustained : votes.refused);
}

std::vector<SweepFinding> sweep(const CellPlan& plan, const InvocationOptions& options,
                                const std::function<void(const std::vector<Row>&)>& keep) {
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
      keep(one.rows);
      if (!rate_qps) found.push_back(std::move(one.finding));
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
  return fmt::format("{} {} queries/s with a p99 within {} us ({} trials{})",
                     finding.entry.participant->name, found, p99_limit_us, finding.search.trials(),
                     finding.search.is_settled() ? "" : ", which do not agree");
}

}  // namespace waitbench
