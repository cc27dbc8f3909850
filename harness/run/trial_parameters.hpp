// What a participant has to do in a cell: the order for its trial, and the size of its turns.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness/machine/placement.hpp"
#include "harness/run/plan.hpp"
#include "harness/trial/trial.hpp"

namespace waitbench {

struct TrialParameters {
  TrialOrder order;                   // endpoint, ledger and number are the stage's to add
  std::uint64_t turn_queries = 0;     // as the backend counts them
  std::uint64_t warm_up_queries = 0;  // of a turn before the first round, which is forgotten
  std::size_t warm_up_turns = 1;      // how many of these there are
  std::size_t recorded_queries = 0;   // of a turn, as the ledger does: more for the no-op
  std::size_t ledger_queries = 0;     // for which the ledger must have room
};

// `burn_iterations_per_us`: of this machine; it matters where the cell has work_us.
TrialParameters trial_parameters(const Participant& participant, const CellPlan& plan,
                                 std::uint64_t seed, double burn_iterations_per_us);

// May the participant take part in the cell, against the backend of that placement?
Eligibility eligible(const Participant& participant, const Cell& cell, const Placement& placement);

}  // namespace waitbench
