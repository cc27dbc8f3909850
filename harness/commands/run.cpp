#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/backend/real_servers.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/run_plan.hpp"
#include "harness/machine/cgroup.hpp"
#include "harness/machine/doctor/doctor.hpp"
#include "harness/machine/idle_inhibitor.hpp"
#include "harness/machine/limits.hpp"
#include "harness/os/interrupt.hpp"
#include "harness/os/streams.hpp"
#include "harness/results/context.hpp"
#include "harness/results/results_file.hpp"
#include "harness/run/calibration.hpp"
#include "harness/run/counting/counting.hpp"
#include "harness/run/duration.hpp"
#include "harness/run/loads.hpp"
#include "harness/run/resume.hpp"
#include "harness/run/scheduler.hpp"
#include "harness/workloads/work.hpp"
#include "harness/workloads/workload.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

std::string duration_text(double seconds) {
  constexpr double a_while_s = 180;
  if (seconds > a_while_s) return fmt::format("{:.0f} minutes", std::ceil(seconds / 60));
  return std::ceil(seconds) == 1 ? "1 second" : fmt::format("{:.0f} seconds", std::ceil(seconds));
}

// "1 cell", "2 cells"
std::string counted(std::size_t number, std::string_view one, std::string_view several) {
  return fmt::format("{} {}", number, number == 1 ? one : several);
}

// A rate is taken from the opening of a turn to the arrival of the last query that it allows, so it
// takes a turn that is longer than what is in flight.
void warn_of_short_turns(const RunPlan& plan) {
  const auto is_short = [](const CellPlan& cell) {
    return cell.turn_queries <= cell.cell.in_flight;
  };
  const auto found = std::ranges::find_if(plan.cells, is_short);
  if (found != plan.cells.end())
    print_to_stderr("--turn-queries {} with {} in flight gives no rate: give {} or more\n",
                    found->turn_queries, found->cell.in_flight, default_turn_queries(found->cell));
}

void check_workloads(const RunPlan& plan, const std::string& backend) {
  const std::string answered = workload_of_backend(backend);
  for (const CellPlan& cell : plan.cells)
    if (cell.cell.workload != answered) throw other_workload(backend, cell.cell.workload, answered);
}

// Of this machine, and of the one that the backend is on, if that was started elsewhere.
std::string list_all_unfit(const nlohmann::json& context) {
  std::string unfit = list_unfit(context["doctor"]);
  const std::string there =
      context.contains("backend") ? list_unfit(context["backend"]["doctor"]) : "";
  if (there.empty()) return unfit;
  return fmt::format("{}{}at the backend: {}", unfit, unfit.empty() ? "" : "; ", there);
}

// --backend may stand for --workload, or for both.
RunOptions with_backend(RunOptions options) {
  const auto [workload, endpoint] = read_backend(options.backend);
  options.backend = endpoint;
  std::vector<std::string_view>& asked = values_of(options.axes, &Cell::workload);
  if (workload.empty()) return options;
  if (!asked.empty() && asked != std::vector<std::string_view>{workload})
    throw UsageError(
        fmt::format("--backend {}: it answers the queries of '{}', and not those of '{}'", workload,
                    workload, asked.front()));
  asked = {workload_named(workload).name};
  return options;
}

bool asks_a_real_server(const RunOptions& options) {
  return std::ranges::any_of(values_of(options.axes, &Cell::workload),
                             [](std::string_view name) { return real_server_of(name) != nullptr; });
}

// A real server has sessions of its own, and the kernel may divide a CPU between sessions before it
// looks at how little the threads of one of them ask for: so those that keep CPUs awake stay off
// the server's.
Placement place_run(const RunOptions& options) {
  Placement placement = plan_placement(available_cpus());
  placement.backend = options.backend;
  if (!options.let_cpus_sleep)
    placement.awake_cpus = cpus_to_keep_awake(placement, read_cgroup_limits().quota_cpus);
  if (asks_a_real_server(options) && !placement.shared)
    std::erase_if(placement.awake_cpus, [&placement](int cpu) {
      return std::ranges::find(placement.backend_cpus, cpu) != placement.backend_cpus.end();
    });
  return placement;
}

bool is_sweep(const CellPlan& cell) {
  return cell.pass == Pass::sweep;
}

std::size_t count_entries(const RunPlan& plan) {
  std::size_t entries = 0;
  for (const WorkUnit& unit : work_units(plan)) entries += entries_of(plan, unit).size();
  return entries;
}

nlohmann::json describe_run(const RunPlan& plan, const nlohmann::json& interference,
                            const Program& program) {
  nlohmann::json context = {{"date", utc_now()},       {"command", program.words},
                            {"profile", plan.profile}, {"seed", plan.seed},
                            {"status", "interrupted"},  // until it is complete
                            {"elapsed_s", 0}};
  // How many trials a sweep takes is seen in the end.
  if (std::ranges::none_of(plan.cells, is_sweep)) context["entries_planned"] = count_entries(plan);
  if (plan.budget_s > 0) {
    context["budget_s"] = plan.budget_s;
    context["half_width_target"] = plan.half_width;
  }
  context.update(interference);
  return context;
}

// A run that is taken up again has the loads that it had.
std::optional<Loads> given_loads(const RunOptions& options, const RunPlan& plan) try {
  if (options.loads_of.empty() || !options.resume.empty()) return std::nullopt;
  if (!needs_loads(plan))
    throw std::invalid_argument(
        "these cells have no loads that follow from the machine; leave it out");
  return loads_of(options.loads_of);
} catch (const std::invalid_argument& error) {
  throw UsageError(fmt::format("--loads-of {}: {}", options.loads_of, error.what()));
}

// Gives these loads to the plan. With them it is known how long its cells take, and so which of
// them there is no time for. Gives what the context of the results says of it.
nlohmann::json settle(RunPlan& plan, const Loads& loads) {
  fit(plan, loads);
  return {{"loads", loads}, {"left_out", leave_out_optional_cells(plan)}};
}

// The results of a run that is to be completed, and the units that it lacks.
ResultsFile take_up(const std::string& path, RunPlan& plan, const nlohmann::json& interference,
                    std::vector<WorkUnit>& units) {
  nlohmann::json content = read_results(path);
  nlohmann::json& context = content["context"];
  try {
    if (std::ranges::any_of(plan.cells, is_sweep))
      throw std::invalid_argument("a sweep cannot be taken up; start a new run");
    check_same_place(context, interference);
    if (context.contains("loads"))
      settle(plan, loads_in(context));
    else if (needs_loads(plan))
      content["benchmarks"].clear();  // it was interrupted before anything was measured
    if (plan.budget_s > 0) recall_further_invocations(plan, content["benchmarks"]);
    units = missing_units(plan, content["benchmarks"]);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--resume {}: {}", path, error.what()));
  }
  context["status"] = "interrupted";
  context["resumed"].push_back({{"date", utc_now()}, {"doctor", interference["doctor"]}});
  return {path, std::move(context), std::move(content["benchmarks"])};
}

// The models of the cells whose loads follow from the machine, with the one first that all are
// compared with.
std::vector<const Participant*> models_to_calibrate(const RunPlan& plan) {
  std::vector<const Participant*> models;
  for (const CellPlan& cell : plan.cells) {
    if (fitted_axes(cell.fit).empty()) continue;
    for (const Entry& entry : cell.entries)
      if (entry.participant->role == Role::model &&
          std::ranges::find(models, entry.participant) == models.end())
        models.push_back(entry.participant);
  }
  return models;
}

Loads find_loads(const RunPlan& plan, const Placement& placement) {
  print_to_stderr("finding the loads that fit this machine\n");
  return calibrate(models_to_calibrate(plan), {.placement = placement,
                                               .seed = plan.seed,
                                               .deadline_ns = plan.deadline_ns,
                                               .burn_iterations_per_us = burn_iterations_per_us()});
}

// Finds the loads of a plan that needs some and has none yet, and with them what is to be measured.
// An interrupted search has found none, and the run ends before it measures anything.
void settle_what_is_open(RunPlan& plan, std::vector<WorkUnit>& units, const Placement& placement,
                         nlohmann::json& context) {
  if (needs_loads(plan) && !context.contains("loads")) {
    const std::int64_t start_ns = now_ns();
    const Loads loads = find_loads(plan, placement);
    if (interrupted()) return;
    context.update(settle(plan, loads));
    units = work_units(plan);
    context["entries_planned"] = count_entries(plan);
    context["elapsed_s"] = static_cast<double>(now_ns() - start_ns) / ns_per_s;
  }
  if (context.contains("loads")) print_to_stderr("{}\n", to_text(loads_in(context)));
  for (const nlohmann::json& cell : context.value("left_out", nlohmann::json::array()))
    print_to_stderr("left out, since the budget does not suffice: {}\n", cell.get<std::string>());
}

int exit_code_of(Ending ending) {
  switch (ending) {
    case Ending::complete: return exit_ok;
    case Ending::failed: return exit_failed;
    case Ending::interrupted: break;
  }
  return exit_interrupted;
}

}  // namespace

int run(const RunOptions& given_options, const Program& without_guests) {
  constexpr const char* not_fit = "not fit to measure on:";
  constexpr const char* ask_doctor = "waitbench doctor says what to do";
  raise_descriptor_limit();
  const RunOptions options = with_backend(given_options);
  const ProgramWithGuests everyone = with_guests(without_guests, guests_of(options));
  const Program& program = everyone.program;
  RunPlan plan = make_plan(options, program);
  if (!options.backend.empty()) check_workloads(plan, options.backend);
  const Placement placement = place_run(options);
  if (options.verify_only) return verify_run(plan, options.backend);
  try {
    // The rounds watch the machine themselves, so a glance will do where it decides nothing.
    auto interference = describe_context(placement, options.strict ? ns_per_s : ns_per_s / 5);
    if (!options.backend.empty() && real_server_at(options.backend) == nullptr)
      interference["backend"] = about_backend(options.backend);
    const std::string unfit = list_all_unfit(interference);
    if (options.strict && !unfit.empty())
      throw UsageError(fmt::format("--strict: {} {}; {}", not_fit, unfit, ask_doctor));
    const std::optional<Loads> given = given_loads(options, plan);
    const nlohmann::json settled = given ? settle(plan, *given) : nlohmann::json::object();
    std::vector<WorkUnit> units = work_units(plan);
    ResultsFile results = options.resume.empty()
                              ? ResultsFile(options.out, describe_run(plan, interference, program))
                              : take_up(options.resume, plan, interference, units);
    if (options.dry_run) {
      print_to_stdout("{} of {} would go to {}, in about {}\n",
                      counted(count_entries(plan), "entry", "entries"),
                      counted(plan.cells.size(), "cell", "cells"), results.name(),
                      duration_text(expected_s(plan)));
      return exit_ok;
    }
    if (!unfit.empty()) print_to_stderr("{} {}; {}\n", not_fit, unfit, ask_doctor);
    warn_of_short_turns(plan);
    catch_interrupts();
    pin(placement.backend_cpus);  // off the clients' CPUs
    const Counting counting = plan_counting(options.count);
    for (const auto& [what, why] : counting.refused)
      print_to_stderr("{} are not counted: {}\n", what, why);
    results.context()["uncounted"] = counting.refused;
    const IdleInhibitor idle_inhibitor(placement.awake_cpus);
    results.context().update(settled);
    settle_what_is_open(plan, units, placement, results.context());
    const Ending ending = measure_units(plan, units, counting, placement, results);
    print_to_stderr("{} in {}\n", counted(results.size(), "entry", "entries"), results.name());
    return exit_code_of(ending);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace waitbench
