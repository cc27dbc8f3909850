#include "harness/run/scheduler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/os/interrupt.hpp"
#include "harness/run/counting/event_pass.hpp"
#include "harness/run/counting/instructions.hpp"
#include "harness/run/duration.hpp"
#include "harness/run/invocation.hpp"
#include "harness/run/memory_pass.hpp"
#include "harness/run/precision.hpp"
#include "harness/run/progress.hpp"
#include "harness/run/sweep.hpp"
#include "harness/workloads/work.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

NLOHMANN_JSON_SERIALIZE_ENUM(Ending, {{Ending::complete, "complete"},
                                      {Ending::failed, "failed"},
                                      {Ending::interrupted, "interrupted"}})

namespace {

class Scheduler {
 public:
  Scheduler(const RunPlan& plan, const Placement& placement, ResultsFile& results)
      : plan_(plan),
        placement_(placement),
        results_(results),
        burn_iterations_per_us_(needs_burning() ? burn_iterations_per_us() : 0),
        elapsed_before_s_(results.context()["elapsed_s"]) {}

  Ending perform(const std::vector<WorkUnit>& units, const Counting& counting) {
    for (const WorkUnit& unit : units) expect(unit);
    expect_to_count(counting);
    results_.begin();  // from here on it can be taken up again
    for (const WorkUnit& unit : units) {
      if (!interrupted())
        begin(unit, fmt::format("invocation {}/{}", unit.invocation + 1, plan_.invocations));
      perform(unit);
    }
    measure_further_invocations();
    count_all(counting);
    progress_.end();
    const Ending ending = interrupted()           ? Ending::interrupted
                          : results_.any_failed() ? Ending::failed
                                                  : Ending::complete;
    results_.context()["status"] = ending;
    results_.finish();
    return ending;
  }

 private:
  // Further invocations, until the ratios are known well enough or the budget is used up.
  void measure_further_invocations() {
    const auto seconds = [this](std::size_t cell) { return expected_s(cell); };
    while (!interrupted()) {
      const auto cell = next_cell(plan_, results_.entries(), seconds, plan_.budget_s - elapsed_s());
      if (!cell) return;
      CellPlan& plan = plan_.cells[*cell];
      const std::size_t invocation = invocations_of(plan_, plan);
      ++plan.further_invocations;
      for (const WorkUnit& unit : units_of(plan_, *cell, invocation)) {
        results_.context()["entries_planned"] =
            results_.context()["entries_planned"].get<std::size_t>() +
            entries_of(plan_, unit).size();
        expect(unit);
        begin(unit, fmt::format("further: invocation {}", invocation + 1), false);
        perform(unit);
      }
    }
  }

  // Of a further invocation of the cell: as long as its last one took.
  double expected_s(std::size_t cell) const {
    double seconds = 0;
    for (const auto& [cell_and_cohort, taken_s] : unit_s_)
      if (cell_and_cohort.first == cell) seconds += taken_s;
    return seconds;
  }

  double elapsed_s() const {
    return elapsed_before_s_ + static_cast<double>(now_ns() - start_ns_) / ns_per_s;
  }

  void expect(const WorkUnit& unit) {
    progress_.expect({unit.cell, unit.cohort},
                     expected_cohort_s(plan_.cells[unit.cell], unit.cohort));
  }

  // What is counted stands behind the cells that are timed.
  void expect_to_count(const Counting& counting) {
    if (!counting.events.empty()) counted_ = cells_to_count(plan_.cells);
    if (counting.instructions) scripted_ = cells_to_script(plan_.cells);
    for (std::size_t i = 0; i < counted_.size(); ++i) {
      progress_.expect({plan_.cells.size() + i, 0}, expected_counting_s(counted_[i]),
                       TimeLeft::Method::events);
      counting_s_ += expected_counting_s(counted_[i]);
    }
    for (std::size_t i = 0; i < scripted_.size(); ++i) {
      progress_.expect({plan_.cells.size() + counted_.size() + i, 0},
                       expected_scripts_s(scripted_[i]), TimeLeft::Method::instructions);
      counting_s_ += expected_scripts_s(scripted_[i]);
    }
  }

  void begin(const WorkUnit& unit, std::string stage, bool is_planned = true) {
    const CellPlan& cell = plan_.cells[unit.cell];
    const double budget_left_s = plan_.budget_s - elapsed_s();
    progress_.begin({.kind = {unit.cell, unit.cohort},
                     .cell = &cell,
                     .stage = std::move(stage),
                     .rounds = cell.pass == Pass::rounds ? cell.rounds : 0,
                     .budget_left_s = budget_left_s > 0 ? budget_left_s + counting_s_ : 0,
                     .is_planned = is_planned});
  }

  void begin_to_count(std::size_t place, const CellPlan& cell, std::string_view what) {
    progress_.begin({.kind = {plan_.cells.size() + place, 0},
                     .cell = &cell,
                     .stage = fmt::format("counting {}", what),
                     .rounds = cell.entries.size()});
  }

  void perform(const WorkUnit& unit) {
    const std::int64_t start_ns = now_ns();
    measure_unit(unit);
    if (!interrupted()) progress_.end_piece();
    unit_s_[{unit.cell, unit.cohort}] = static_cast<double>(now_ns() - start_ns) / ns_per_s;
  }

  void measure_unit(const WorkUnit& unit) {
    const CellPlan& cell = plan_.cells[unit.cell];
    PassOptions options = pass_options();
    options.invocation = unit.invocation;
    options.seed = plan_.seed + unit.invocation * plan_.cells.size() + unit.cell;
    switch (cell.pass) {
      case Pass::rounds: return keep(measure(cell, unit.cohort, options));
      case Pass::memory: return keep(measure_memory(cell, options));
      case Pass::sweep: break;
    }
    const auto findings =
        sweep(cell, options, [this](const std::vector<SweepResult>& results) { keep(results); });
    for (const SweepFinding& finding : findings) progress_.say(to_text(finding, cell.p99_limit_us));
  }

  PassOptions pass_options() {
    return {.placement = placement_,
            .seed = plan_.seed,
            .deadline_ns = plan_.deadline_ns,
            .burn_iterations_per_us = burn_iterations_per_us_,
            .after_round = [this](const std::vector<TurnOf>& round) { progress_.advance(round); },
            .after_turn = [this] { progress_.show_now_and_then(); }};
  }

  void count_all(const Counting& counting) {
    PassOptions options = pass_options();
    options.after_round = nullptr;
    options.after_entry = [this] { progress_.advance(); };
    std::size_t place = 0;
    for (const CellPlan& cell : counted_) {
      if (interrupted()) return;
      begin_to_count(place++, cell, "what the kernel sees");
      keep(count_events(cell, counting.events, options));
      progress_.end_piece();
    }
    for (const CellPlan& cell : scripted_) {
      if (interrupted()) return;
      begin_to_count(place++, cell, "instructions");
      keep(count_instructions(cell, options.after_entry));
      progress_.end_piece();
    }
  }

  // Takes the results of any pass.
  template <class Result>
  void keep(const std::vector<Result>& results) {
    if (results.empty()) return;
    for (const Result& result : results) {
      report_failure(result);
      results_.add(to_entry(result));
    }
    results_.context()["elapsed_s"] = elapsed_s();
    if (!interrupted()) results_.write();  // else it is over in a moment
  }

  void report_failure(const EntryResult& result) {
    if (result.status != Status::failed) return;
    progress_.say(
        fmt::format("{} failed: {}",
                    benchmark_name(*result.entry.participant, result.cell, result.entry.repeat),
                    result.reason));
  }

  bool needs_burning() const {
    return std::ranges::any_of(plan_.cells,
                               [](const CellPlan& plan) { return plan.cell.work_us > 0; });
  }

  RunPlan plan_;
  const Placement& placement_;
  ResultsFile& results_;
  Progress progress_;
  double burn_iterations_per_us_;
  double elapsed_before_s_;
  std::vector<CellPlan> counted_, scripted_;
  double counting_s_ = 0;  // that these are expected to take
  std::int64_t start_ns_ = now_ns();
  std::map<std::pair<std::size_t, std::size_t>, double> unit_s_;  // by cell and cohort
};

}  // namespace

Ending measure_units(const RunPlan& plan, const std::vector<WorkUnit>& units,
                     const Counting& counting, const Placement& placement, ResultsFile& results) {
  return Scheduler(plan, placement, results).perform(units, counting);
}

}  // namespace waitbench
