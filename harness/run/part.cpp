#include "harness/run/part.hpp"

#include "harness/backend/launch.hpp"

namespace waitbench {
namespace {

constexpr std::size_t no_op_batch =
    10'000;  // queries; the one real query among them costs 1 ns each

}  // namespace

Part part_of(const Entrant& entrant, const CellPlan& plan, std::uint64_t seed,
             double burn_iterations_per_us) {
  const bool is_no_op = entrant.role == Role::no_op;
  Part part;
  part.order.cell = plan.cell;
  part.order.seed = seed;
  part.order.work_iterations =
      static_cast<std::uint64_t>(plan.cell.work_us * burn_iterations_per_us);
  part.order.batch = is_no_op ? no_op_batch : 1;
  part.turn_queries = turn_queries(plan, entrant);
  part.recorded_queries = is_no_op ? no_op_batch : part.turn_queries;
  part.ledger_queries = 2 * (part.recorded_queries + plan.cell.in_flight);
  return part;
}

std::string objection_to(const Entrant& entrant, const Cell& cell, const Placement& placement) {
  const std::string objection = entrant.objection(cell);
  return objection.empty() ? backend_refusal(placement.backend, cell.transport) : objection;
}

}  // namespace waitbench
