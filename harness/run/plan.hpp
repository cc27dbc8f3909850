// What a run is to measure: cells, who enters each, and how often. Pure data, made from a profile
// or from the command line, and checked against the machine's limits before anything is started.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "harness/machine/limits.hpp"
#include "harness/trial/participant.hpp"
#include "harness/workloads/cell.hpp"

namespace waitbench {

// A participant in a cell. One that is entered more than once is an A/A test: it shows by how much
// the method finds the same thing to differ from itself.
struct Entry {
  const Participant* participant = nullptr;
  std::size_t repeat = 0;  // 0, or which of the further entries of the same participant
  // Which of the cell's groups that are alive at once: see split_into_cohorts().
  std::size_t cohort = 0;
};

// How a cell is measured.
enum class Pass {
  rounds,  // turns within rounds, all models alive at once
  memory,  // what a connection takes, one model alive alone
  sweep    // open loop: at which rate a model still keeps up, one model alive alone
};

inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

// Each has a record in the ledger, in memory.
inline constexpr std::size_t most_turn_queries = 1'000'000;

// Who enters a cell, besides the model that all are compared with, which is entered several times.
enum class Lineup {
  models,       // every model chosen
  each_once,    // every model chosen, and none twice: nothing is compared within rounds
  seam,         // those with a handwritten counterpart, their counterparts, and the no-op
  one_for_many  // one model, seven times: an A/A test
};

// Which of a cell's axes follow from the machine: see loads.hpp.
struct Fit {
  // What part of the matched rate the cell asks for; 0: its delay is as given.
  double rate_share = 0;
  bool work = false;         // its work per reply is that at which the clients are the limit
  double planted_share = 0;  // of the baseline's cost, which the positive control burns besides
};

// The names of the axes that do.
std::vector<std::string> fitted_axes(const Fit& fit);

// A profile has these as well, but with nobody entered yet: that takes the models that a user
// chose.
struct CellPlan {
  Pass pass = Pass::rounds;
  std::string purpose;
  Lineup lineup = Lineup::models;
  Cell cell;
  std::vector<Entry> entries;
  std::size_t rounds = 8;           // per invocation
  std::size_t turn_queries = 2000;  // of a participant that can have the whole cell in flight
  std::size_t most_invocations = unlimited;  // where the run has more
  std::size_t further_invocations = 0;       // measured because its ratios were not known well
  double seconds = 0;        // of a turn in an open loop, which has a duration instead
  double p99_limit_us = 0;   // of a sweep, which finds the rate of its cell
  double planted_ns = 0;     // CPU per query that the positive control burns; 0: it is not entered
  bool is_optional = false;  // left out where the budget does not suffice for it
  // Where models are compared: whether those enter that cannot have the whole cell in flight, or do
  // so much more for a query that it is not made for them.
  bool has_reference_lines = true;
  Fit fit{};
};

struct RunPlan {
  std::string profile;
  std::vector<CellPlan> cells;
  std::size_t invocations = 5;
  std::uint64_t seed = 0;
  std::int64_t deadline_ns = 0;  // for each start, rendezvous and end of a trial
  // After the planned invocations, further ones go where they narrow the intervals of ratios most
  // (next_cell() in precision.hpp), until each is known to within `half_width`, relative to itself,
  // or the budget is used up. A run without a budget has the planned ones only.
  double budget_s = 0;
  double half_width = 0;
};

// How many invocations the cell has in this run.
std::size_t invocations_of(const RunPlan& plan, const CellPlan& cell);

// How many connections a model can have open when it is alone.
std::size_t most_connections_of_one(const Limits& limits);

// What is measured at a time: one cohort of one cell, in one invocation.
struct WorkUnit {
  std::size_t invocation = 0;
  std::size_t cell = 0;  // its index in the plan
  std::size_t cohort = 0;

  auto operator<=>(const WorkUnit&) const = default;
};

// All units that are planned, in the order in which they are measured.
std::vector<WorkUnit> work_units(const RunPlan& plan);

// Those of one invocation of a cell.
std::vector<WorkUnit> units_of(const RunPlan& plan, std::size_t cell, std::size_t invocation);

// Those who are alive in that unit.
std::vector<Entry> entries_of(const RunPlan& plan, const WorkUnit& unit);

// The least that a turn should be: 2,000 queries, and ten for each that is in flight.
std::size_t default_turn_queries(const Cell& cell);

// The queries of a participant's turn. Open loop: those that are due in it. Closed loop: in
// proportion to what it can have in flight, so that a turn of each takes about the same time. At
// least 20.
std::size_t turn_queries(const CellPlan& plan, const Participant& participant);

// Puts the entries into groups that can be alive at once: within 80% of each limit for what they
// have open together, in the backend too, and for their threads and processes. Each further group
// repeats entries of the baseline, which stands first: as many as take a quarter of its room, and
// one at least. Throws std::invalid_argument,
// naming the limit and what to do, when not even a group of two (or the only participant) fits. In
// the memory pass each is alive alone, and all are one group.
void split_into_cohorts(CellPlan& plan, const Limits& limits);

}  // namespace waitbench
