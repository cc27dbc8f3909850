#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "harness/commands/commands.hpp"
#include "harness/commands/pattern.hpp"
#include "harness/machine/cgroup.hpp"
#include "harness/machine/doctor/doctor.hpp"
#include "harness/machine/idle_inhibitor.hpp"
#include "harness/machine/limits.hpp"
#include "harness/os/interrupt.hpp"
#include "harness/os/streams.hpp"
#include "harness/results/context.hpp"
#include "harness/results/results_file.hpp"
#include "harness/run/counting/counting.hpp"
#include "harness/run/profiles.hpp"
#include "harness/run/result.hpp"
#include "harness/run/resume.hpp"
#include "harness/run/scheduler.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// Every combination of the axes given.
std::vector<Cell> cells_of(const RunOptions& options) {
  const Misfit misfit = find_misfit(options.axes);
  if (!misfit.flag.empty())
    throw UsageError(fmt::format("{}: the workload {} has no such axis; leave it out", misfit.flag,
                                 misfit.workload));
  AxisValues given = options.axes;
  values_of(given, &Cell::rate_qps) = open_loop_of(options).rate_qps;
  return cross(given, options.memory ? usual_memory_cell() : Cell{});
}

bool has_axes(const RunOptions& options) {
  return any_given(options.axes) || !options.rates.empty() || options.memory;
}

const Profile& profile_named(const std::string& name) {
  for (const Profile& profile : profiles())
    if (profile.name == name) return profile;
  throw UsageError(fmt::format("unknown profile '{}'; there are smoke, quick and full", name));
}

std::vector<ProfileCell> profile_cells(const RunOptions& options, const Profile& profile) {
  const OpenLoop loop = open_loop_of(options);
  if (!has_axes(options)) return profile.cells;
  constexpr std::size_t rounds = 8;
  std::vector<ProfileCell> cells;
  for (const Cell& cell : cells_of(options))
    if (options.memory)
      cells.push_back(memory_pass(cell));
    else if (cell.is_open_loop())
      cells.push_back(open_loop_cell(cell, loop.seconds, loop.p99_limit_us));
    else
      cells.push_back({options.seam ? "seam" : "custom",
                       options.seam ? Lineup::seam : Lineup::models, cell, rounds});
  return cells;
}

// Keeps the entries whose benchmarks' names match, as --benchmark_filter does elsewhere.
void apply_filter(RunPlan& plan, const std::string& filter) {
  if (filter.empty()) return;
  const NameTest passes = passes_filter(filter);
  for (CellPlan& cell : plan.cells)
    std::erase_if(cell.entries, [&](const Entry& entry) {
      return !passes(benchmark_name(*entry.participant, cell.cell, entry.repeat));
    });
  std::erase_if(plan.cells, [](const CellPlan& cell) { return cell.entries.empty(); });
  if (plan.cells.empty())
    throw UsageError(
        fmt::format("--benchmark_filter: no benchmark matches '{}'; names look like {}", filter,
                    "query/callback-epoll/tcp/kept/in_flight:64/delay_us:2000"));
}

// What was asked for, else what the profile says, else the rule: the first that is not 0.
std::size_t first_given(std::size_t asked, std::size_t otherwise, std::size_t rule = 0) {
  if (asked > 0) return asked;
  return otherwise > 0 ? otherwise : rule;
}

RunPlan make_plan(const RunOptions& options, const Program& program) {
  const Profile& profile = profile_named(options.profile);
  const auto models = select_participants(program.participants, options.models,
                                          {Role::model, Role::pitfall, Role::control});
  RunPlan plan;
  plan.profile = has_axes(options) ? "custom" : profile.name;
  plan.invocations = first_given(options.invocations, profile.invocations);
  plan.seed = options.seed != 0 ? options.seed : std::random_device{}();
  plan.deadline_ns = options.deadline_ms * ns_per_ms;
  for (const ProfileCell& from : profile_cells(options, profile)) {
    CellPlan cell{.pass = from.pass,
                  .purpose = std::string(from.purpose),
                  .cell = from.cell,
                  .entries = entries_for(from.lineup, models, program.participants),
                  .rounds = first_given(options.rounds, from.rounds),
                  .turn_queries = first_given(options.turn_queries, from.turn_queries,
                                              default_turn_queries(from.cell)),
                  .most_invocations = options.invocations > 0 ? unlimited : from.most_invocations,
                  .seconds = from.seconds,
                  .p99_limit_us = from.p99_limit_us};
    plan.cells.push_back(std::move(cell));
  }
  apply_filter(plan, options.filter);
  try {
    for (CellPlan& cell : plan.cells) split_into_cohorts(cell, machine_limits());
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
  return plan;
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

Placement place_run(const RunOptions& options) {
  Placement placement = place(options.backend);
  if (!options.let_cpus_sleep)
    placement.awake_cpus = cpus_to_keep_awake(placement, read_cgroup_limits().quota_cpus);
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
  context.update(interference);
  return context;
}

// The results of a run that is to be completed, and the units that it lacks.
ResultsFile take_up(const std::string& path, const RunPlan& plan,
                    const nlohmann::json& interference, std::vector<WorkUnit>& units) {
  nlohmann::json content = read_results(path);
  nlohmann::json& context = content["context"];
  try {
    if (std::ranges::any_of(plan.cells, is_sweep))
      throw std::invalid_argument("a sweep cannot be taken up; start a new run");
    check_same_place(context, interference);
    units = missing_units(plan, content["benchmarks"]);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--resume {}: {}", path, error.what()));
  }
  context["status"] = "interrupted";
  context["resumed"].push_back({{"date", utc_now()}, {"doctor", interference["doctor"]}});
  return {path, std::move(context), std::move(content["benchmarks"])};
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

int run(const RunOptions& options, const Program& program) {
  constexpr const char* not_fit = "not fit to measure on:";
  constexpr const char* ask_doctor = "waitbench doctor says what to do";
  raise_descriptor_limit();
  const RunPlan plan = make_plan(options, program);
  const Placement placement = place_run(options);
  if (options.verify_only) return verify_run(plan, options.backend);
  try {
    // The rounds watch the machine themselves, so a glance will do where it decides nothing.
    const auto interference = describe_context(placement, options.strict ? ns_per_s : ns_per_s / 5);
    const std::string unfit = list_unfit(interference["doctor"]);
    if (options.strict && !unfit.empty())
      throw UsageError(fmt::format("--strict: {} {}; {}", not_fit, unfit, ask_doctor));
    std::vector<WorkUnit> units = work_units(plan);
    ResultsFile results = options.resume.empty()
                              ? ResultsFile(options.out, describe_run(plan, interference, program))
                              : take_up(options.resume, plan, interference, units);
    if (options.dry_run) {
      print_to_stdout("{} entries of {} cells would go to {}\n", count_entries(plan),
                      plan.cells.size(), results.name());
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
    const Ending ending = measure_units(plan, units, counting, placement, results);
    print_to_stderr("{} entries in {}\n", results.size(), results.name());
    return exit_code_of(ending);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace waitbench
