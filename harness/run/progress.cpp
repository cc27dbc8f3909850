#include "harness/run/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "harness/os/streams.hpp"
#include "harness/run/duration.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// Of a round of those who are alive in the unit.
double expected_round_s(const CellPlan& cell, const WorkUnit& unit) {
  const auto alive = std::ranges::count(cell.entries, unit.cohort, &Entry::cohort);
  return expected_round_s(cell) * static_cast<double>(alive) /
         static_cast<double>(cell.entries.size());
}

}  // namespace

Progress::Progress(const RunPlan& plan)
    : invocations_(plan.invocations), start_ns_(now_ns()), terminal_(isatty(STDERR_FILENO) == 1) {
  for (const CellPlan& cell : plan.cells)
    total_s_ +=
        expected_round_s(cell) * static_cast<double>(cell.rounds * invocations_of(plan, cell));
}

void Progress::leave_out(const CellPlan& cell, const WorkUnit& unit) {
  total_s_ -= expected_round_s(cell, unit) * static_cast<double>(cell.rounds);
}

void Progress::begin(const CellPlan& cell, const WorkUnit& unit) {
  round_s_ = expected_round_s(cell, unit);
  at_ = fmt::format("invocation {}/{}  {} {}", unit.invocation + 1, invocations_, cell.purpose,
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
