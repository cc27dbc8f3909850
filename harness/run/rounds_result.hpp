// The result of the timed rounds: the turns of one entry in one invocation of a cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/machine/interference.hpp"
#include "harness/run/result.hpp"
#include "harness/stage/latency.hpp"

namespace waitbench {

struct RoundsResult : EntryResult {
  using EntryResult::EntryResult;

  std::size_t client_cpus = 1;
  // The turns, the position of each in the order of its round (from 0), and what other programs did
  // during the round.
  std::vector<Turn> turns;
  std::vector<std::size_t> order;
  std::vector<Interference> interference;
  Latency latency;
  bool trend = false;  // relative to the others of its cell, the second half differs from the first

  // The entry has no result: what a trial that went wrong reported before is not to be believed.
  void lose(Status why_not, std::string why, std::optional<std::uint32_t> peak = std::nullopt);

  // The run was interrupted. The rounds that are complete by then are kept.
  void interrupt();
};

// The median over the turns; NaN where there are none.
double median_of(const RoundsResult& result, double Turn::*member);

// Open loop: more than 1% of the queries that were due had not been begun when their turn ended.
bool is_unstable(const RoundsResult& result);

nlohmann::json to_entry(const RoundsResult& result);

}  // namespace waitbench
