#include "harness/run/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "harness/os/streams.hpp"
#include "harness/workloads/workload.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// A guess that is good enough to weigh cells against each other; the clock corrects it as we go.
double expected_turn_s(const CellPlan& plan) {
  constexpr double trials_of_sweep = 11;
  if (plan.cell.is_open_loop())
    return plan.seconds * (plan.pass == Pass::sweep ? trials_of_sweep : 1);
  const QueryTime time = workload_named(plan.cell.workload).expected_query_time(plan.cell);
  const double each_us = std::max(time.wait_us / static_cast<double>(plan.cell.in_flight),
                                  time.cpu_us + plan.cell.work_us);
  return (static_cast<double>(plan.turn_queries) * each_us + 5 * time.wait_us) / 1e6;
}

// Of an invocation: to start the trials, and their warm-up, which is as long as a round.
double expected_start_s(const CellPlan& plan) {
  constexpr double of_a_trial_s = 0.015;
  constexpr double of_a_connection_s = 60e-6;
  const auto connections = static_cast<double>(plan.cell.in_flight + plan.cell.idle);
  return (of_a_trial_s + of_a_connection_s * connections) *
         static_cast<double>(plan.entries.size());
}

double expected_round_s(const CellPlan& plan) {
  constexpr double memory_of_one_s = 0.25;
  if (plan.pass == Pass::memory) return memory_of_one_s * static_cast<double>(plan.entries.size());
  return expected_turn_s(plan) * static_cast<double>(plan.entries.size());
}

}  // namespace

double expected_s(const RunPlan& plan) {
  double seconds = 0;
  for (const CellPlan& cell : plan.cells) {
    constexpr double warm_up_rounds = 0.3;
    const double each_s =
        expected_round_s(cell) * (static_cast<double>(cell.rounds) + warm_up_rounds) +
        (cell.pass == Pass::rounds ? expected_start_s(cell) : 0);
    seconds += each_s * static_cast<double>(invocations_of(plan, cell));
  }
  return std::max(seconds, plan.budget_s);
}

Progress::Progress(const RunPlan& plan)
    : invocations_(plan.invocations), start_ns_(now_ns()), terminal_(isatty(STDERR_FILENO) == 1) {
  for (const CellPlan& cell : plan.cells)
    total_s_ +=
        expected_round_s(cell) * static_cast<double>(cell.rounds * invocations_of(plan, cell));
}

void Progress::leave_out(const CellPlan& cell, const WorkUnit& unit) {
  const auto in_leg = std::ranges::count(cell.entries, unit.cohort, &Entry::cohort);
  total_s_ -= expected_round_s(cell) * static_cast<double>(cell.rounds) *
              static_cast<double>(in_leg) / static_cast<double>(cell.entries.size());
}

void Progress::begin(const CellPlan& cell, std::size_t invocation) {
  round_s_ = expected_round_s(cell);
  at_ = fmt::format("invocation {}/{}  {} {}", invocation + 1, invocations_, cell.purpose,
                    cell_name(cell.cell));
  show();
}

void Progress::begin_further(const CellPlan& cell, std::size_t invocation, double budget_s) {
  budget_s_ = budget_s;
  at_ = fmt::format("further: invocation {}  {} {}", invocation + 1, cell.purpose,
                    cell_name(cell.cell));
  show();
}

void Progress::advance() {
  done_s_ += round_s_;
  constexpr std::int64_t often_enough_ns = 200 * ns_per_ms;
  if (terminal_ && now_ns() - shown_ns_ > often_enough_ns) show();
}

void Progress::show() {
  shown_ns_ = now_ns();
  const double elapsed_s = static_cast<double>(shown_ns_ - start_ns_) / ns_per_s;
  if (budget_s_ > 0) {
    print_to_stderr("{}{}  at most {:.0f} s left{}", terminal_ ? "\r\033[K" : "", at_,
                    std::max(0.0, budget_s_ - elapsed_s), terminal_ ? "" : "\n");
    return;
  }
  // Until a little is done, the plan's own guess is the better one.
  const double pace = done_s_ > total_s_ / 50 ? elapsed_s / done_s_ : 1;
  const double left_s = std::max(0.0, total_s_ - done_s_) * pace;
  print_to_stderr("{}{}  {:.0f}%, about {:.0f} s left{}", terminal_ ? "\r\033[K" : "", at_,
                  100 * std::min(1.0, done_s_ / total_s_), left_s, terminal_ ? "" : "\n");
}

void Progress::say(const std::string& line) {
  print_to_stderr("{}{}\n", terminal_ ? "\r\033[K" : "", line);
}

void Progress::end() {
  if (terminal_) print_to_stderr("\r\033[K");
}

}  // namespace waitbench
