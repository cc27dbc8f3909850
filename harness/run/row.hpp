// A row of the results: what one invocation of one cell says of one participant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/machine/interference.hpp"
#include "harness/machine/memory.hpp"
#include "harness/machine/tree_events.hpp"
#include "harness/results/status.hpp"
#include "harness/run/plan.hpp"
#include "harness/stage/latency.hpp"
#include "harness/stage/stage.hpp"
#include "harness/workloads/cell.hpp"

namespace waitbench {

// What was counted of a turn. An event that is not there was not counted.
struct EventCounts {
  std::map<Event, double> per_query;
  double slowdown = 1;  // by counting: the turn's CPU time, as a multiple of an uncounted one's
};

struct Row {
  std::string purpose;
  Cell cell;
  Entry entry;
  std::size_t invocation = 0;
  std::size_t turn_queries = 0;
  std::size_t client_cpus = 1;
  double p99_limit_us = 0;           // of a sweep; 0: no sweep
  std::size_t trials = 0;            // of a sweep: by sets of fresh processes
  std::size_t trials_sustained = 0;  // ... in which the rate was sustained
  Status status = Status::ok;
  std::string reason;
  std::optional<std::uint32_t> in_flight_peak_backend;  // if it failed over it; see TrialFailed
  bool interrupted = false;
  bool trend = false;  // against the others of its cell, the second half differs from the first

  std::vector<std::size_t> order;  // its position in each round, from 0
  std::vector<Turn> turns;
  std::vector<Interference> interference;  // during each round
  Latency latency;
  Memory memory;  // for each connection

  std::vector<EventCounts> counts;  // of the counting pass: for each of the turns
  bool scripted = false;            // a trial without backend, network and turns
  std::optional<double> instructions_per_query;

  // It has no result. What a trial that went wrong said before is not to be believed.
  void lose(Status why_not, std::string why);
  void lose(const TrialFailed& why);

  // The run was interrupted. What the row has by then is good, if less than was planned.
  void interrupt();
};

// The row of an entry in a cell, with nothing measured yet.
Row empty_row(const CellPlan& plan, const Entry& entry);

// The row as an entry of a results file (results/README.md). Unknown is null.
nlohmann::json to_entry(const Row& row);

// "query/callback-epoll/tcp/kept/in_flight:64/delay_us:2000", with "/entry:1" for a repeated entry.
std::string benchmark_name(const Participant& participant, const Cell& cell, std::size_t entry);

}  // namespace waitbench
