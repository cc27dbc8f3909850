#include "harness/commands/run_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "harness/commands/pattern.hpp"
#include "harness/run/profiles.hpp"
#include "harness/run/result.hpp"
#include "impls/executor.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

const Profile& profile_named(const std::string& name) {
  for (const Profile& profile : profiles())
    if (profile.name == name) return profile;
  throw UsageError(
      fmt::format("unknown profile '{}'; there are smoke, quick, full and guests", name));
}

bool has_axes(const RunOptions& options) {
  return any_given(options.axes) || !options.rates.empty() || options.memory;
}

// A pool of which some connections could never be in use would not be what its name says.
void refuse_unused_connections(const Cell& cell) {
  const std::size_t size = cell.connections.pool_size;
  if (size > cell.in_flight)
    throw UsageError(
        fmt::format("--connections pool:{} with --in-flight {}: {} clients use at most {} "
                    "connections, so give a pool of at most that",
                    size, cell.in_flight, cell.in_flight, cell.in_flight));
  if (size > 0 && cell.is_open_loop())
    throw UsageError("--connections pool:K is for closed loops: leave out --rate");
}

void check_calls(const Cell& cell) {
  if (cell.block_us == 0) return;
  if (cell.fan_out > 1)
    throw UsageError(
        "--block-us: clients that ask one query at a time make calls; leave --fan-out "
        "out");
  if (cell.callers > cell.in_flight)
    throw UsageError(fmt::format("--callers {}: there are {} clients; give at most that",
                                 cell.callers, cell.in_flight));
  if (cell.offload.to == Offload::To::processes &&
      cell.number_of_callers() > WorkerProcesses::most_callers)
    throw UsageError(fmt::format(
        "--offload processes:{}: at most {} clients make calls to processes; give --callers",
        cell.offload.workers, WorkerProcesses::most_callers));
}

// A limit that nobody could ever come to is none.
void check_coordination(const Cell& cell, bool takes_memory) {
  if (cell.limit > cell.in_flight)
    throw UsageError(fmt::format(
        "--limit {} with --in-flight {}: {} clients never ask more at once; use a limit of at most "
        "that",
        cell.limit, cell.in_flight, cell.in_flight));
  if (cell.limit > 0 && cell.connections.is_pool())
    throw UsageError("--limit: a pool is a limit already; leave --connections pool:K out");
  if ((cell.limit > 0 || cell.lock != LockUse::none) && (takes_memory || cell.is_open_loop()))
    throw UsageError(
        "--limit and --lock are for timed turns of a closed loop: leave --memory and --rate out");
}

void check_pipeline(const Cell& cell, bool takes_memory) {
  if (cell.pipeline == 1) return;
  if (cell.in_flight % cell.pipeline != 0)
    throw UsageError(
        fmt::format("--pipeline {} with --in-flight {}: each connection has {} queries under way; "
                    "give a multiple of {}",
                    cell.pipeline, cell.in_flight, cell.pipeline, cell.pipeline));
  if (cell.connections != Connections::kept)
    throw UsageError(
        "--pipeline: clients share connections that are kept, so many each; leave --connections "
        "out");
  if (cell.idle > 0)
    throw UsageError("--pipeline: no connection is idle beside the pipelines; leave --idle out");
  if (takes_memory || cell.is_open_loop())
    throw UsageError(
        "--pipeline is for timed turns of a closed loop: leave --memory and --rate out");
}

// What a query waits for beside its reply would take from its time.
void check_deadline(const Cell& cell, bool takes_memory) {
  if (cell.deadline_us == 0) return;
  if (cell.fan_out > 1 || cell.clients_wait_for_each_other() || cell.block_us > 0)
    throw UsageError(
        "--deadline-us: clients that ask one query at a time, and wait for nothing else, cancel "
        "it; leave --fan-out, --limit, --lock, --block-us and --connections pool:K out");
  if (takes_memory || cell.is_open_loop())
    throw UsageError(
        "--deadline-us is for timed turns of a closed loop: leave --memory and --rate out");
}

// Every combination of the axes given.
std::vector<Cell> cells_of(const RunOptions& options, const OpenLoop& loop) {
  const Misfit misfit = find_misfit(options.axes);
  if (!misfit.flag.empty())
    throw UsageError(fmt::format("{}: the workload {} has no such axis; leave it out", misfit.flag,
                                 misfit.workload));
  AxisValues given = options.axes;
  values_of(given, &Cell::rate_qps) = loop.rate_qps;
  const std::vector<Cell> cells = cross(given, options.memory ? usual_memory_cell() : Cell{});
  if (!values_of(given, &Cell::dispatch).empty() &&
      std::ranges::none_of(cells, [](const Cell& cell) { return cell.connections.is_pool(); }))
    throw UsageError("--dispatch is the rule of a pool: give --connections pool:K as well");
  const bool says_how_to_call =
      !values_of(given, &Cell::offload).empty() || !values_of(given, &Cell::callers).empty();
  if (says_how_to_call &&
      std::ranges::none_of(cells, [](const Cell& cell) { return cell.block_us > 0; }))
    throw UsageError("--offload and --callers are about calls that block: give --block-us as well");
  for (const Cell& cell : cells) {
    refuse_unused_connections(cell);
    check_calls(cell);
    check_coordination(cell, options.memory);
    check_pipeline(cell, options.memory);
    check_fan_out(cell);
    check_deadline(cell, options.memory);
    if (cell.fan_out > 1 && (options.memory || cell.is_open_loop()))
      throw UsageError(
          "--fan-out: tasks ask several at once only where turns of a closed loop are "
          "timed; leave --memory and --rate out");
  }
  return cells;
}

CellPlan plan_of(const Cell& cell, const RunOptions& options, const OpenLoop& loop) {
  constexpr std::size_t rounds = 8;
  if (options.memory) return memory_pass(cell);
  if (cell.is_open_loop()) return open_loop_cell(cell, loop.seconds, loop.p99_limit_us);
  return options.seam ? rounds_in(cell, "seam", Lineup::seam, rounds)
                      : rounds_in(cell, "custom", Lineup::models, rounds);
}

std::vector<CellPlan> plan_cells(const RunOptions& options, const Profile& profile) {
  const OpenLoop loop = open_loop_of(options);
  if (!has_axes(options)) return profile.cells;
  std::vector<CellPlan> plans;
  for (const Cell& cell : cells_of(options, loop)) plans.push_back(plan_of(cell, options, loop));
  return plans;
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

bool has_workers(const Participant& participant) {
  return participant.in_flight_limit(2, {.workers = 1}) !=
         participant.in_flight_limit(2, {.workers = 2});
}

bool has_loops(const Participant& participant) {
  return !participant.engine.empty() && participant.role != Role::guest;
}

// An axis that only some participants take notice of.
struct Knob {
  std::size_t Cell::*axis;
  const char* flag;
  const char* owners;
  bool (*has)(const Participant&);
};

constexpr Knob knobs[] = {
    {&Cell::workers, "--workers", "thread-pool and process-pool", has_workers},
    {&Cell::loops, "--loops", "models on an engine, such as callback-epoll", has_loops}};

// A knob that nobody in a cell has would give the same work the name of another cell.
void refuse_idle_knobs(const RunPlan& plan) {
  for (const CellPlan& cell : plan.cells)
    for (const Knob& knob : knobs) {
      const auto has_it = [&knob](const Entry& entry) { return knob.has(*entry.participant); };
      if (cell.cell.*knob.axis != Cell{}.*knob.axis && std::ranges::none_of(cell.entries, has_it))
        throw UsageError(fmt::format("{}: none of the models chosen has any; it is for {}",
                                     knob.flag, knob.owners));
    }
}

// Who says how often a cell is to be measured is taken at their word.
void set_budget(RunPlan& plan, const RunOptions& options, const Profile& profile) {
  const bool counted = options.rounds > 0 || options.invocations > 0;
  const bool profile_has_one = !has_axes(options) && !counted;
  plan.budget_s = options.budget_s.value_or(profile_has_one ? profile.budget_s : 0);
  plan.half_width = profile.half_width;
}

bool compares_models(const CellPlan& cell) {
  const auto is_other = [&cell](const Entry& entry) {
    return entry.participant != cell.entries.front().participant;
  };
  return cell.pass == Pass::rounds && cell.lineup == Lineup::models &&
         std::ranges::any_of(cell.entries, is_other);
}

// A budget goes to further invocations of cells whose ratios have wide intervals.
void refuse_idle_budget(const RunPlan& plan, const RunOptions& options) {
  if (options.budget_s && std::ranges::none_of(plan.cells, compares_models))
    throw UsageError(
        "--budget: no models are compared in this run, so there are no intervals to narrow; it is "
        "for timed cells of several models (none of --seam, --memory, --count)");
}

// Those whom the user chose. A profile of guests has all of these and some of the models, unless
// the user says otherwise.
std::vector<const Participant*> choose_models(const RunOptions& options, const Profile& profile,
                                              std::span<const Participant> participants) {
  const bool has_own = !profile.models.empty() && !has_axes(options);
  if (!has_own || options.models != RunOptions{}.models)
    return select_participants(participants, options.models,
                               {Role::model, Role::pitfall, Role::control, Role::guest});
  auto chosen = select_participants(participants, std::string(profile.models), {Role::model});
  for (const Participant& participant : participants)
    if (participant.role == Role::guest) chosen.push_back(&participant);
  return chosen;
}

// The first is who all are compared with.
void leave_out_reference_lines(CellPlan& cell) {
  const Participant* const baseline = cell.entries.front().participant;
  std::erase_if(cell.entries, [&](const Entry& entry) {
    const bool takes_part = entry.participant->sets_loads || cell.pass != Pass::rounds;
    const bool has_all = entry.participant->max_in_flight(cell.cell) == cell.cell.most_in_flight();
    return entry.participant != baseline && !(takes_part && has_all);
  });
}

void complete(CellPlan& cell, const RunOptions& options, const Program& program,
              std::span<const Participant* const> models) {
  cell.entries = entries_for(cell.lineup, models, program.participants, cell.planted_ns);
  if (cell.lineup == Lineup::models && !cell.has_reference_lines) leave_out_reference_lines(cell);
  // Each sweeps alone, and nothing is compared within rounds: twice shows what it varies by.
  if (cell.pass == Pass::sweep)
    std::erase_if(cell.entries, [](const Entry& entry) { return entry.repeat > 1; });
  if (options.rounds > 0) cell.rounds = options.rounds;
  if (options.turn_queries > 0) cell.turn_queries = options.turn_queries;
  if (options.invocations > 0) cell.most_invocations = unlimited;
}

}  // namespace

std::optional<std::string> guests_of(const RunOptions& options) {
  const bool has_guests = !profile_named(options.profile).models.empty() && !has_axes(options);
  return has_guests && !options.guests ? std::string() : options.guests;
}

RunPlan make_plan(const RunOptions& options, const Program& program) {
  const Profile& profile = profile_named(options.profile);
  const auto models = choose_models(options, profile, program.participants);
  RunPlan plan{.profile = has_axes(options) ? "custom" : std::string(profile.name),
               .cells = plan_cells(options, profile),
               .invocations = options.invocations > 0 ? options.invocations : profile.invocations,
               .seed = options.seed ? *options.seed : std::random_device{}(),
               .deadline_ns = options.deadline_ms * ns_per_ms};
  set_budget(plan, options, profile);
  for (CellPlan& cell : plan.cells) complete(cell, options, program, models);
  apply_filter(plan, options.filter);
  refuse_idle_knobs(plan);
  refuse_idle_budget(plan, options);
  try {
    for (CellPlan& cell : plan.cells) split_into_cohorts(cell, machine_limits());
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
  return plan;
}

}  // namespace waitbench
