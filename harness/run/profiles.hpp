// The profiles: ready-made plans. The table in harness/README.md says what each measures and how
// long it takes.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/run/plan.hpp"

namespace waitbench {

// Who enters a cell, besides the model that all are compared with, which is always entered twice.
enum class Lineup {
  models,       // every model chosen
  each_once,    // every model chosen, and none twice: nothing is compared within rounds
  seam,         // those with a handwritten counterpart, their counterparts, and the no-op
  one_for_many  // one model, seven times: what the method makes of things that are the same
};

struct ProfileCell {
  std::string_view purpose;
  Lineup lineup;
  Cell cell;
  std::size_t rounds;            // per invocation
  std::size_t turn_queries = 0;  // 0: default_turn_queries()
  Pass pass = Pass::rounds;
  std::size_t most_invocations = unlimited;
  double seconds = 0;       // open loop
  double p99_limit_us = 0;  // of a sweep
};

struct Profile {
  std::string_view name;
  std::size_t invocations;
  std::vector<ProfileCell> cells;
};

std::span<const Profile> profiles();

// What the memory pass measures where nothing else is said, and for any other cell.
Cell usual_memory_cell();
ProfileCell memory_pass(const Cell& cell);

// An open loop at the cell's rate; or, with a limit, a sweep for the highest rate within it.
ProfileCell open_loop_cell(const Cell& cell, double seconds, double p99_limit_us);

// Those who enter a cell of that lineup when `models` were chosen. `everybody` has the
// counterparts.
std::vector<Entry> entries_for(Lineup lineup, std::span<const Participant* const> models,
                               std::span<const Participant> everybody);

}  // namespace waitbench
