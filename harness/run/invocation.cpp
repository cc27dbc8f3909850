#include "harness/run/invocation.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>
#include <span>
#include <utility>

#include "harness/machine/interference.hpp"
#include "harness/os/interrupt.hpp"
#include "harness/os/random.hpp"
#include "harness/results/numbers.hpp"
#include "harness/run/trial_parameters.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::size_t largest_padding_bytes = 4096;

// Whether the second half differs from the first by more than 5% and four standard errors.
bool drifts(std::span<const double> log_costs) {
  constexpr double least_drift = 0.05;
  constexpr double least_errors = 4;
  const std::size_t half = log_costs.size() / 2;
  if (half < 3) return false;
  const auto first = log_costs.first(half);
  const auto second = log_costs.last(half);
  const double variance =
      (sum_of_squares(first) + sum_of_squares(second)) / static_cast<double>(2 * half - 2);
  const double drift = std::abs(mean(second) - mean(first));
  return drift >
         std::max(least_drift, least_errors * std::sqrt(2 * variance / static_cast<double>(half)));
}

// One participant in the invocation.
struct Competitor {
  RoundsResult result;
  TrialParameters parameters;
  TrialHandle* trial = nullptr;  // null when it does not take part, or no longer
};

class Invocation {
 public:
  Invocation(const CellPlan& plan, std::size_t cohort, const PassOptions& options)
      : plan_(plan), options_(options), random_(options.seed) {
    for (const Entry& entry : plan.entries)
      if (entry.cohort == cohort) competitors_.push_back(competitor(entry));
  }

  std::vector<RoundsResult> run() {
    try {
      if (interrupted()) throw Interrupted{};
      perform(*options_.make_executor(
          options_.stage_options(plan_.cell, random_.next() % largest_padding_bytes)));
    } catch (const Interrupted&) {
      for (Competitor& competitor : competitors_) competitor.result.interrupt();
    } catch (const std::exception& error) {  // most often BackendFailed
      for (Competitor& competitor : competitors_)
        if (competitor.result.status == Status::ok)
          competitor.result.lose(Status::failed, error.what());
    }
    mark_trends();
    std::vector<RoundsResult> results;
    for (Competitor& competitor : competitors_) results.push_back(std::move(competitor.result));
    return results;
  }

 private:
  Competitor competitor(const Entry& entry) const {
    Competitor competitor;
    competitor.result = {plan_, entry, options_.invocation};
    competitor.result.client_cpus = options_.placement.client_cpus.size();
    competitor.parameters =
        trial_parameters(*entry.participant, plan_, options_.seed, options_.burn_iterations_per_us);
    competitor.result.turn_queries = competitor.parameters.recorded_queries;
    return competitor;
  }

  void perform(TrialExecutor& executor) {
    std::vector<std::size_t> order(competitors_.size());
    std::iota(order.begin(), order.end(), 0);
    random_.shuffle(std::span(order));
    for (const std::size_t i : order) start(executor, competitors_[i]);
    draw_schedule(plan_.seconds / 4, plan_.rounds);
    warm_up(executor, order);
    InterferenceMonitor monitor;
    for (std::size_t round = 0; round < plan_.rounds; ++round) {
      random_.shuffle(std::span(order));
      draw_schedule(plan_.seconds, round);
      const std::vector<TurnOf> turns = play_round(executor, order, monitor);
      if (options_.after_round) options_.after_round(turns);
    }
    for (Competitor& competitor : competitors_)
      attempt(executor, competitor, [&](TrialHandle& trial) { executor.finish(trial); });
  }

  // In rounds, as what is measured. Who needs more turns than others has them in the last rounds.
  void warm_up(TrialExecutor& executor, std::vector<std::size_t>& order) {
    std::size_t most = 0;
    for (const Competitor& competitor : competitors_)
      if (competitor.trial != nullptr) most = std::max(most, competitor.parameters.warm_up_turns);
    for (std::size_t left = most; left > 0; --left) {
      if (left < most) random_.shuffle(std::span(order));
      for (const std::size_t i : order)
        if (competitors_[i].parameters.warm_up_turns >= left)
          take_turn(executor, competitors_[i], nullptr);
    }
  }

  // Open loop: all the models of a round face the same arrivals. Clients seed their delays with the
  // seed plus a small number; the complement makes the arrivals independent of them.
  void draw_schedule(double seconds, std::size_t round) {
    const Cell& cell = plan_.cell;
    if (cell.is_open_loop())
      schedule_ = make_schedule(cell.arrivals, cell.rate_qps, seconds, ~(options_.seed + round));
  }

  void start(TrialExecutor& executor, Competitor& competitor) {
    const Participant& participant = *competitor.result.entry.participant;
    const Eligibility may = eligible(participant, plan_.cell, options_.placement);
    if (!may) return competitor.result.lose(Status::skipped, may.reason);
    lose_if_it_fails(competitor, [&] {
      competitor.trial = &executor.start(participant, competitor.parameters.order,
                                         competitor.parameters.ledger_queries);
    });
  }

  // Does something with the competitor's trial, unless that has failed before.
  template <class Action>
  void attempt(TrialExecutor& executor, Competitor& competitor, Action action) {
    if (competitor.trial == nullptr) return;
    lose_if_it_fails(competitor, [&] { action(*competitor.trial); });
    if (competitor.result.status != Status::ok)
      executor.abandon(*std::exchange(competitor.trial, nullptr));
  }

  // A failure is that of this trial alone, unless the backend has failed.
  template <class Action>
  void lose_if_it_fails(Competitor& competitor, Action action) {
    try {
      action();
    } catch (const BackendFailed&) {
      throw;
    } catch (const TrialFailed& error) {
      competitor.result.lose(Status::failed, error.what(), error.in_flight_peak_backend);
    } catch (const std::exception& error) {
      competitor.result.lose(Status::failed, error.what());
    }
  }

  // Without `turns` it is one to warm up, and forgotten.
  void take_turn(TrialExecutor& executor, Competitor& competitor, std::vector<Turn>* turns) {
    attempt(executor, competitor, [&](TrialHandle& trial) {
      Latency* const latency = turns == nullptr ? nullptr : &competitor.result.latency;
      const TrialParameters& parameters = competitor.parameters;
      const std::uint64_t queries =
          turns == nullptr ? parameters.warm_up_queries : parameters.turn_queries;
      const Turn turn = plan_.cell.is_open_loop() ? executor.take_turn(trial, schedule_, latency)
                                                  : executor.take_turn(trial, queries, latency);
      if (turns != nullptr) turns->push_back(turn);
    });
  }

  // A round counts for all or for none, so its turns are entered when it is complete.
  std::vector<TurnOf> play_round(TrialExecutor& executor, const std::vector<std::size_t>& order,
                                 InterferenceMonitor& monitor) {
    std::vector<std::vector<Turn>> turns(competitors_.size());
    const std::int64_t own_before_ns = read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    for (const std::size_t i : order) {
      take_turn(executor, competitors_[i], &turns[i]);
      if (options_.after_turn) options_.after_turn();
    }
    double own_cpu_s =
        static_cast<double>(read_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own_before_ns) / ns_per_s;
    for (const std::vector<Turn>& turn : turns)
      if (!turn.empty())
        own_cpu_s += (turn[0].client_cpu_us_per_query + turn[0].backend_cpu_us_per_query) *
                     static_cast<double>(turn[0].queries) / 1e6;
    const Interference during = monitor.lap(own_cpu_s);
    std::vector<TurnOf> taken;
    for (std::size_t position = 0; position < order.size(); ++position) {
      RoundsResult& result = competitors_[order[position]].result;
      if (turns[order[position]].empty()) continue;
      result.turns.push_back(turns[order[position]][0]);
      result.order.push_back(position);
      result.interference.push_back(during);
      taken.push_back({result.entry.participant, turns[order[position]][0]});
    }
    return taken;
  }

  // A trend is a drift against the others of the cell: what the machine does, it does to all of a
  // round. It is one when the halves differ by more than 5%, and by more than their noise explains.
  void mark_trends() {
    std::vector<RoundsResult*> whole;
    for (Competitor& competitor : competitors_)
      if (competitor.result.turns.size() == plan_.rounds) whole.push_back(&competitor.result);
    if (whole.empty()) return;
    std::vector<double> level(plan_.rounds, 0);
    for (std::size_t round = 0; round < plan_.rounds; ++round)
      for (const RoundsResult* result : whole)
        level[round] += log_cost(*result, round) / static_cast<double>(whole.size());
    for (RoundsResult* result : whole) {
      std::vector<double> relative;
      for (std::size_t round = 0; round < plan_.rounds; ++round)
        relative.push_back(log_cost(*result, round) - level[round]);
      result->trend = drifts(relative);
    }
  }

  static double log_cost(const RoundsResult& result, std::size_t round) {
    return std::log(result.turns[round].client_cpu_us_per_query);
  }

  const CellPlan& plan_;
  const PassOptions& options_;
  Random random_;
  Schedule schedule_;  // of the round, in an open loop
  std::vector<Competitor> competitors_;
};

}  // namespace

std::vector<RoundsResult> measure(const CellPlan& plan, std::size_t cohort,
                                  const PassOptions& options) {
  return Invocation(plan, cohort, options).run();
}

}  // namespace waitbench
