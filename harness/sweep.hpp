// The sweep: which is the highest rate that a model sustains within a limit on its p99 latency?
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/invocation.hpp"
#include "harness/plan.hpp"
#include "harness/row.hpp"

namespace waitbench {

// The search for one model, in steps of a factor until the answer lies between two rates, and then
// by halving their distance on a logarithmic scale. Pure logic: it is told what each trial showed.
class RateSearch {
 public:
  static constexpr double resolution = 1.05;  // how far the two rates may be apart at the end
  static constexpr std::size_t most_trials = 12;

  // Looks between the two rates, in queries per second.
  RateSearch(double lowest_qps, double highest_qps);

  // What to try next. Empty when the search is over.
  std::optional<double> next_qps() const;

  void note(double rate_qps, bool sustained);

  std::optional<double> sustained_qps() const { return sustained_qps_; }  // the highest seen to be
  std::optional<double> refused_qps() const { return refused_qps_; }      // the lowest seen not to
  std::size_t trials() const { return trials_; }

 private:
  double lowest_qps_;
  double highest_qps_;
  std::optional<double> sustained_qps_;
  std::optional<double> refused_qps_;
  std::size_t trials_ = 0;
};

struct SweepFinding {
  Place place;
  RateSearch search;
};

// Searches for each place of the plan (one invocation of it), all of them step by step, in
// shuffled order. `keep` is given the rows of each trial as they come. A model whose trial fails is
// searched no further, and has no finding.
std::vector<SweepFinding> sweep(const CellPlan& plan, const InvocationOptions& options,
                                const std::function<void(const std::vector<Row>&)>& keep);

// "callback-epoll sustains 20700 to 21600 queries/s with a p99 within 5000 us (8 trials)":
// somewhere between the highest rate that was sustained and the lowest that was not.
std::string to_text(const SweepFinding& finding, double p99_limit_us);

}  // namespace waitbench
