// The sweep: which is the highest rate that a model sustains within a limit on its p99 latency?
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/run/pass_options.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/rate_search.hpp"
#include "harness/run/rounds_result.hpp"

namespace waitbench {

// What the trials of an entry at one rate showed. Its rounds are theirs, one after the other.
struct SweepResult : RoundsResult {
  double p99_limit_us = 0;
  std::size_t trials = 0;  // by sets of fresh processes
  std::size_t trials_sustained = 0;

  // Adds what a further trial at this rate showed. If that has no result, neither has this.
  void add(const SweepResult& trial);
};

nlohmann::json to_entry(const SweepResult& result);

struct SweepFinding {
  Entry entry;
  RateSearch search;
};

// Searches for each entry of the plan (one invocation of it), all of them step by step, in
// shuffled order. Calls `keep` with the results of each search when it ends, one for each rate
// tried. The search for a model whose trial fails ends there, and has no finding.
std::vector<SweepFinding> sweep(const CellPlan& plan, const PassOptions& options,
                                const std::function<void(const std::vector<SweepResult>&)>& keep);

// "callback-epoll sustains 20700 to 21600 queries/s with a p99 within 5000 us (10 trials)":
// somewhere between the highest rate that was sustained and the lowest that was not.
std::string to_text(const SweepFinding& finding, double p99_limit_us);

}  // namespace waitbench
