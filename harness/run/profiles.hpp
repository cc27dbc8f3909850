// The profiles: ready-made plans. The table in harness/README.md says what each measures and how
// long it takes.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "harness/run/plan.hpp"

namespace waitbench {

struct Profile {
  std::string_view name;
  std::size_t invocations;
  std::vector<CellPlan> cells;
  double budget_s;  // and the half-width within it: see RunPlan
  double half_width;
  std::string_view models = "";  // a profile of guests: which models take part beside them
};

std::span<const Profile> profiles();

// Turns within rounds, as many as usual, of queries as many as usual.
CellPlan rounds_in(const Cell& cell, std::string purpose, Lineup lineup, std::size_t rounds);

// What the memory pass measures where nothing else is said, and for any other cell.
Cell usual_memory_cell();
CellPlan memory_pass(const Cell& cell);

// An open loop at the cell's rate; or, with a limit, a sweep for the highest rate within it.
CellPlan open_loop_cell(const Cell& cell, double seconds, double p99_limit_us);

// Those who enter a cell of that lineup when `models` were chosen. `everybody` has the
// counterparts, and the positive control for a cell that plants CPU time.
std::vector<Entry> entries_for(Lineup lineup, std::span<const Participant* const> models,
                               std::span<const Participant> everybody, double planted_ns = 0);

}  // namespace waitbench
