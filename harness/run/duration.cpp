#include "harness/run/duration.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

// Of each query, what its calls that block take of the one who makes them: the loop, or a pool of
// workers.
double calls_us(const Cell& cell) {
  const double callers =
      static_cast<double>(cell.number_of_callers()) / static_cast<double>(cell.in_flight);
  const std::size_t makers = cell.makes_calls_outside() ? cell.offload.workers : 1;
  return cell.block_us * callers / static_cast<double>(makers);
}

// A guess that is good enough to weigh cells against each other; the clock corrects it as we go.
double expected_turn_s(const CellPlan& plan) {
  constexpr double trials_of_sweep = 11;
  if (plan.cell.is_open_loop())
    return plan.seconds * (plan.pass == Pass::sweep ? trials_of_sweep : 1);
  const QueryTime time = workload_named(plan.cell.workload).expected_query_time(plan.cell);
  const double calling_us = calls_us(plan.cell);
  const double busy_us = time.cpu_us + plan.cell.work_us;
  const double each_us =
      std::max({time.wait_us / static_cast<double>(plan.cell.most_answered_at_once()), calling_us,
                busy_us + (plan.cell.makes_calls_outside() ? 0 : calling_us)});
  return (static_cast<double>(plan.turn_queries) * each_us + 5 * time.wait_us) / 1e6;
}

// To start the trials of an invocation.
double expected_start_s(const CellPlan& plan) {
  constexpr double of_a_trial_s = 0.015;
  constexpr double of_a_connection_s = 60e-6;
  const auto connections = static_cast<double>(plan.cell.client_connections() + plan.cell.idle);
  return (of_a_trial_s + of_a_connection_s * connections) *
         static_cast<double>(plan.entries.size());
}

double expected_round_s(const CellPlan& plan) {
  constexpr double memory_of_one_s = 0.25;
  if (plan.pass == Pass::memory) return memory_of_one_s * static_cast<double>(plan.entries.size());
  return expected_turn_s(plan) * static_cast<double>(plan.entries.size());
}

double expected_s(const RunPlan& plan, const CellPlan& cell) {
  return expected_invocation_s(cell) * static_cast<double>(invocations_of(plan, cell));
}

double planned_s(const RunPlan& plan) {
  double seconds = 0;
  for (const CellPlan& cell : plan.cells) seconds += expected_s(plan, cell);
  return seconds;
}

}  // namespace

double expected_invocation_s(const CellPlan& cell) {
  constexpr double warm_up_rounds = 0.3;
  return expected_round_s(cell) * (static_cast<double>(cell.rounds) + warm_up_rounds) +
         (cell.pass == Pass::rounds ? expected_start_s(cell) : 0);
}

double expected_cohort_s(const CellPlan& cell, std::size_t cohort) {
  const auto alive = std::ranges::count(cell.entries, cohort, &Entry::cohort);
  return expected_invocation_s(cell) * static_cast<double>(alive) /
         static_cast<double>(cell.entries.size());
}

double expected_counting_s(const CellPlan& cell) {
  constexpr double backend_s = 0.1;  // each participant has one of its own
  const auto rounds_of_two = static_cast<double>(2 * cell.rounds + 1);  // and one to warm up
  return rounds_of_two * expected_round_s(cell) + expected_start_s(cell) +
         backend_s * static_cast<double>(cell.entries.size());
}

double expected_scripts_s(const CellPlan& cell) {
  constexpr double of_a_script_s = 1.5;  // under valgrind, and twice
  return 2 * of_a_script_s * static_cast<double>(cell.entries.size());
}

double expected_s(const RunPlan& plan) {
  return std::max(planned_s(plan), plan.budget_s);
}

std::vector<std::string> leave_out_optional_cells(RunPlan& plan) {
  // On a slow machine runs took up to a fifth longer than expected.
  constexpr double slow = 1.2;
  std::vector<std::string> left_out;
  while (plan.budget_s > 0 && slow * planned_s(plan) > plan.budget_s) {
    const auto optional_s = [&plan](const CellPlan& cell) {
      return cell.is_optional ? expected_s(plan, cell) : 0;
    };
    const auto longest = std::ranges::max_element(plan.cells, {}, optional_s);
    if (!longest->is_optional) break;
    left_out.push_back(fmt::format("{} {}", longest->purpose, cell_name(longest->cell)));
    plan.cells.erase(longest);
  }
  return left_out;
}

}  // namespace waitbench
