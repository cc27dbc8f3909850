#include "harness/run/trial_parameters.hpp"

#include <algorithm>

#include "harness/backend/launch.hpp"
#include "harness/trial/guest.hpp"

namespace waitbench {
namespace {

constexpr std::size_t no_op_batch =
    10'000;  // queries; the one real query among them costs 1 ns each

// Each connection has been used twice, and what the code needs of the caches and of memory is
// there. More would only take time: between two of its turns a trial is cold again, since all the
// others have run.
std::uint64_t warm_up_queries(std::size_t max_in_flight) {
  constexpr std::uint64_t least = 200;
  return std::max<std::uint64_t>(least, 2 * max_in_flight);
}

}  // namespace

TrialParameters trial_parameters(const Participant& participant, const CellPlan& plan,
                                 std::uint64_t seed, double burn_iterations_per_us) {
  const bool is_no_op = participant.role == Role::no_op;
  TrialParameters parameters;
  parameters.order.cell = plan.cell;
  parameters.order.seed = seed;
  parameters.order.burn_iterations_per_us = burn_iterations_per_us;
  if (participant.role == Role::positive_control) parameters.order.planted_ns = plan.planted_ns;
  parameters.order.batch = is_no_op ? no_op_batch : 1;
  parameters.turn_queries = turn_queries(plan, participant);
  parameters.warm_up_queries =
      std::min(parameters.turn_queries,
               plan.cell.whole_fan_outs(warm_up_queries(participant.max_in_flight(plan.cell))));
  if (participant.guest) {
    // A runtime that compiles while it runs takes many queries until it is as fast as it gets.
    const std::uint64_t own = participant.guest->warm_up_queries;
    parameters.warm_up_turns += (own + parameters.turn_queries - 1) / parameters.turn_queries;
    if (own > 0) parameters.warm_up_queries = parameters.turn_queries;
  }
  parameters.recorded_queries = is_no_op ? no_op_batch : parameters.turn_queries;
  parameters.ledger_queries = 2 * (parameters.recorded_queries + plan.cell.in_flight);
  return parameters;
}

Eligibility eligible(const Participant& participant, const Cell& cell, const Placement& placement) {
  Eligibility by_itself = participant.eligible(cell);
  return by_itself ? eligible_backend(placement.backend, cell) : by_itself;
}

}  // namespace waitbench
