#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <set>

#include "harness/commands/commands.hpp"
#include "harness/context.hpp"
#include "harness/doctor/doctor.hpp"
#include "harness/interrupt.hpp"
#include "harness/invocation.hpp"
#include "harness/limits.hpp"
#include "harness/profiles.hpp"
#include "harness/progress.hpp"
#include "harness/results_file.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// Each combination made so far, once with each value given for a further axis. An axis that was not
// given stays as it is, and a value that was given twice makes no second cell.
template <class T>
void cross(std::vector<Cell>& cells, T Cell::*axis, const std::vector<T>& values) {
  if (values.empty()) return;
  std::vector<Cell> crossed;
  for (Cell cell : cells)
    for (const T& value : values) {
      cell.*axis = value;
      if (std::ranges::find(crossed, cell) == crossed.end()) crossed.push_back(cell);
    }
  cells = std::move(crossed);
}

// Every combination of the axes given.
std::vector<Cell> cells_of(const RunOptions& options) {
  const Cell usual;
  std::vector<Cell> cells = {usual};
  cross(cells, &Cell::transport, options.transports);
  cross(cells, &Cell::connections, options.connections);
  cross(cells, &Cell::delay_shape, options.delay_shapes);
  cross(cells, &Cell::workers, options.workers);
  cross(cells, &Cell::loops, options.loops);
  cross(cells, &Cell::depth, options.depth);
  cross(cells, &Cell::idle, options.idle);
  cross(cells, &Cell::work_us, options.work_us);
  cross(cells, &Cell::reply_bytes, options.reply_bytes);
  cross(cells, &Cell::delay_us, options.delay_us);
  cross(cells, &Cell::in_flight, options.in_flight);
  return cells;
}

bool has_axes(const RunOptions& options) {
  return !(options.in_flight.empty() && options.delay_us.empty() && options.reply_bytes.empty() &&
           options.work_us.empty() && options.idle.empty() && options.transports.empty() &&
           options.connections.empty() && options.delay_shapes.empty() && options.depth.empty() &&
           options.loops.empty() && options.workers.empty());
}

const Profile& profile_named(const std::string& name) {
  for (const Profile& profile : profiles())
    if (profile.name == name) return profile;
  throw UsageError(fmt::format("unknown profile '{}'; there are smoke, quick and full", name));
}

std::vector<ProfileCell> profile_cells(const RunOptions& options, const Profile& profile) {
  if (!has_axes(options)) return profile.cells;
  constexpr std::size_t rounds = 8;
  std::vector<ProfileCell> cells;
  for (const Cell& cell : cells_of(options))
    cells.push_back({options.seam ? "seam" : "custom", options.seam ? Field::seam : Field::models,
                     cell, rounds});
  return cells;
}

// Keeps the places whose benchmarks' names match, as --benchmark_filter does elsewhere.
void apply_filter(RunPlan& plan, const std::string& filter) {
  if (filter.empty()) return;
  try {
    const bool exclude = filter.starts_with('-');
    const std::regex wanted(exclude ? filter.substr(1) : filter);
    for (CellPlan& cell : plan.cells)
      std::erase_if(cell.places, [&](const Place& place) {
        return exclude ==
               std::regex_search(benchmark_name(*place.entrant, cell.cell, place.entry), wanted);
      });
  } catch (const std::regex_error& error) {
    throw UsageError(fmt::format("--benchmark_filter: '{}' is not a regular expression: {}", filter,
                                 error.what()));
  }
  std::erase_if(plan.cells, [](const CellPlan& cell) { return cell.places.empty(); });
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
  const auto models = select_entrants(program.entrants, options.models,
                                      {Role::model, Role::pitfall, Role::control});
  RunPlan plan;
  plan.profile = has_axes(options) ? "custom" : profile.name;
  plan.invocations = first_given(options.invocations, profile.invocations);
  plan.seed = options.seed != 0 ? options.seed : std::random_device{}();
  plan.deadline_ns = options.deadline_ms * ns_per_ms;
  for (const ProfileCell& from : profile_cells(options, profile)) {
    CellPlan cell{.purpose = std::string(from.purpose),
                  .cell = from.cell,
                  .places = places_for(from.field, models, program.entrants),
                  .rounds = first_given(options.rounds, from.rounds),
                  .turn_queries = first_given(options.turn_queries, from.turn_queries,
                                              default_turn_queries(from.cell))};
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

nlohmann::json describe_run(const RunPlan& plan, const nlohmann::json& surroundings,
                            const Program& program) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  nlohmann::json context = {{"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now))},
                            {"command", program.words},
                            {"profile", plan.profile},
                            {"seed", plan.seed},
                            {"status", "interrupted"},  // until it is complete
                            {"elapsed_s", 0}};
  context.update(surroundings);
  return context;
}

class Run {
 public:
  Run(const RunPlan& plan, const Placement& placement, ResultsFile& results)
      : plan_(plan), placement_(placement), results_(results), progress_(plan) {}

  // The exit code.
  int perform() {
    const std::int64_t start_ns = now_ns();
    const double iterations_per_us = needs_burning() ? burn_iterations_per_us() : 0;
    for (std::size_t invocation = 0; invocation < plan_.invocations && !interrupted(); ++invocation)
      for (const CellPlan& cell : plan_.cells)
        for (const std::size_t cohort : cohorts(cell)) {
          if (interrupted()) break;
          progress_.begin(cell, invocation);
          keep(measure(cell, cohort,
                       {.placement = placement_,
                        .invocation = invocation,
                        .seed = plan_.seed + invocation * plan_.cells.size() +
                                static_cast<std::size_t>(&cell - plan_.cells.data()),
                        .deadline_ns = plan_.deadline_ns,
                        .burn_iterations_per_us = iterations_per_us,
                        .after_round = [this] { progress_.advance(); }}),
               start_ns);
        }
    progress_.end();
    results_.context()["status"] = interrupted() ? "interrupted" : failed_ ? "failed" : "complete";
    results_.write();
    return interrupted() ? exit_interrupted : failed_ ? exit_failed : exit_ok;
  }

 private:
  void keep(const std::vector<Row>& rows, std::int64_t start_ns) {
    for (const Row& row : rows)
      if (row.status == Status::failed) {
        failed_ = true;
        progress_.say(fmt::format("{} failed: {}",
                                  benchmark_name(*row.place.entrant, row.cell, row.place.entry),
                                  row.reason));
      }
    results_.add(rows);
    results_.context()["elapsed_s"] = static_cast<double>(now_ns() - start_ns) / ns_per_s;
    results_.write();
  }

  bool needs_burning() const {
    return std::ranges::any_of(plan_.cells,
                               [](const CellPlan& plan) { return plan.cell.work_us > 0; });
  }

  static std::set<std::size_t> cohorts(const CellPlan& cell) {
    std::set<std::size_t> numbers;
    for (const Place& place : cell.places) numbers.insert(place.cohort);
    return numbers;
  }

  const RunPlan& plan_;
  const Placement& placement_;
  ResultsFile& results_;
  Progress progress_;
  bool failed_ = false;
};

}  // namespace

int run(const RunOptions& options, const Program& program) {
  constexpr const char* not_fit = "not fit to measure on:";
  constexpr const char* ask_doctor = "waitbench doctor says what to do";
  raise_descriptor_limit();
  const RunPlan plan = make_plan(options, program);
  const Placement placement = plan_placement(available_cpus());
  try {
    // The rounds watch the machine themselves, so a glance will do where it decides nothing.
    const auto surroundings = describe_context(placement, options.strict ? ns_per_s : ns_per_s / 5);
    const std::string unfit = list_unfit(surroundings["doctor"]);
    if (options.strict && !unfit.empty())
      throw UsageError(fmt::format("--strict: {} {}; {}", not_fit, unfit, ask_doctor));
    ResultsFile results(options.out, describe_run(plan, surroundings, program));
    if (!unfit.empty()) fmt::print(stderr, "{} {}; {}\n", not_fit, unfit, ask_doctor);
    catch_interrupts();
    pin(placement.backend_cpus);  // off the clients' CPUs
    const int code = Run(plan, placement, results).perform();
    fmt::print(stderr, "{} entries in {}\n", results.size(), options.out);
    return code;
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace waitbench
