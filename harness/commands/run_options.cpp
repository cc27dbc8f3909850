#include "harness/commands/run_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "harness/commands/commands.hpp"
#include "harness/commands/range.hpp"
#include "harness/results/results_file.hpp"
#include "harness/run/plan.hpp"

namespace waitbench {
namespace {

constexpr char comma = ',';

template <class T>
void add_numbers(CLI::App& app, const char* name, std::vector<T>& values, const char* what, T least,
                 T most) {
  app.add_option(name, values, what)->delimiter(comma)->check(range(least, most));
}

void add_deadline(CLI::App& app, std::int64_t& deadline_ms) {
  app.add_option(
         "--deadline-ms", deadline_ms,
         "for each start, rendezvous and end of a trial, and for a turn beyond what it takes")
      ->check(range(1, 3'600'000))
      ->capture_default_str();
}

void add_backend(CLI::App& app, std::string& backend) {
  app.add_option("--backend", backend,
                 "the workload of one to be started, such as postgres or nginx; or HOST:PORT, "
                 "@NAME, postgres://... or nginx://... of one that runs already");
}

void add_guests(CLI::App& app, std::optional<std::string>& guests) {
  app.add_option_function<std::string>(
         "--guests", [&guests](const std::string& folder) { guests = folder; },
         "let the guests that waitbench comes with take part, too, and those of DIR")
      ->expected(0, 1)
      ->type_name(file_name)
      ->option_text("[DIR]");
}

void add_budget(CLI::App& app, std::optional<double>& budget_s) {
  app.add_option("--budget", budget_s,
                 "as 90s, 3m or 1h: go on that long to know ratios better; default: the "
                 "profile's, and none with --rounds or --invocations")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, double>{{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}}))
      ->check(range(0.0, 7 * 86'400.0))
      ->option_text("TIME");
}

template <class T>
void add_axis(CLI::App& app, const Axis<T>& axis, std::vector<T>& values) {
  if constexpr (std::is_arithmetic_v<T>) {
    add_numbers(app, axis.flag, values, axis.help, axis.values.least, axis.values.most);
  } else {
    const auto take = [&axis, &values](const std::vector<std::string>& words) {
      values.clear();
      for (const std::string& word : words) values.push_back(*value_named(axis, word));
    };
    app.add_option_function<std::vector<std::string>>(axis.flag, take, axis.help)
        ->delimiter(comma)
        ->check(CLI::Validator(
            [&axis](const std::string& word) {
              return value_named(axis, word)
                         ? std::string()
                         : fmt::format("'{}' is none of {}", word, hint_of(axis));
            },
            ""))
        ->option_text(hint_of(axis));
  }
}

void add_axes(CLI::App& app, RunOptions& options) {
  for_each_axis_of(options.axes, [&app](const auto& axis, auto& values) {
    if (axis.flag != nullptr) add_axis(app, axis, values);
  });
}

void add_open_loop(CLI::App& app, RunOptions& options) {
  app.add_option("--rate", options.rates,
                 "open loop: queries offered per second, or sweep: find the highest sustained")
      ->delimiter(comma)
      ->option_text("FLOAT ... | sweep");
  app.add_option("--seconds", options.seconds, "of each turn at a --rate; default: 1")
      ->check(range(0.05, 600.0));
  app.add_option("--p99-us", options.p99_us,
                 "p99 latency up to which --rate sweep is content, in two of three trials")
      ->check(range(1.0, 60e6));
}

std::shared_ptr<RunOptions> add_run_options(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  app.add_option("--profile", options->profile, "smoke, quick, full or guests")
      ->capture_default_str();
  app.add_option("--models", options->models, "those whose names match this regular expression");
  add_guests(app, options->guests);
  app.add_option("--benchmark_filter", options->filter,
                 "benchmarks whose names match (-RE: do not)");
  app.add_flag("--seam", options->seam, "enter the handwritten counterparts and the no-op too");
  app.add_flag("--memory", options->memory, "memory per connection, instead of time")
      ->excludes("--seam");
  add_axes(app, *options);
  add_open_loop(app, *options);
  app.add_option("--rounds", options->rounds, "for each invocation")->check(range(1, 100'000));
  app.add_option("--invocations", options->invocations, "sets of fresh processes for each cell")
      ->check(range(1, 1000));
  app.add_option("--turn-queries", options->turn_queries, "queries of one turn")
      ->check(range(std::size_t{20}, most_turn_queries));
  add_budget(app, options->budget_s);
  app.add_option("--loads-of", options->loads_of,
                 "results file of a run whose loads are to be used, instead of finding some")
      ->type_name(file_name);
  app.add_option("--seed", options->seed, "of delays and orders; default: one at random, recorded")
      ->check(no_sign());
  add_backend(app, options->backend);
  add_deadline(app, options->deadline_ms);
  app.add_option("--count", options->count, "after the timed cells, in a pass of its own")
      ->delimiter(comma)
      ->check(CLI::IsMember({"syscalls", "switches", "migrations", "instructions"}).description(""))
      ->option_text("syscalls,switches,migrations,instructions");
  app.add_flag("--let-cpus-sleep", options->let_cpus_sleep,
               "when there is nothing to do; wake-ups then cost more, and that wanders");
  app.add_option("--out", options->out, "results file, or - for stdout")
      ->type_name(file_name)
      ->capture_default_str();
  app.add_flag("--strict", options->strict, "refuse a machine that is not fit (see doctor)");
  app.add_flag("--dry-run", options->dry_run, "check the options, and measure nothing");
  app.add_flag("--verify-only", options->verify_only,
               "verify what would be measured, and measure nothing");
  return options;
}

// The options of the run that wrote the results file.
RunOptions recorded_options(const std::string& path) try {
  const nlohmann::json context = read_results(path)["context"];
  auto words = context.at("command").get<std::vector<std::string>>();
  if (words.size() < 2 || words[1] != "run") throw std::invalid_argument("not written by a run");
  words.erase(words.begin(), words.begin() + 2);
  std::ranges::reverse(words);  // as CLI11 wants them
  CLI::App app;
  const auto options = add_run_options(app);
  app.parse(std::move(words));
  options->seed = context.at("seed").get<std::uint64_t>();
  options->resume = path;
  return *options;
} catch (const std::exception& error) {
  throw UsageError(fmt::format("--resume {}: {}", path, error.what()));
}

}  // namespace

Action add_list(CLI::App& app, const Program& program) {
  auto options = std::make_shared<ListOptions>();
  app.add_flag("--json", options->json, "as a JSON array, one object for each model");
  app.add_flag("--all", options->all, "pitfalls, handwritten counterparts, no-op and control too");
  add_guests(app, options->guests);
  return [=] { return list(*options, program); };
}

Action add_verify(CLI::App& app, const Program& program) {
  auto options = std::make_shared<VerifyOptions>();
  app.add_option("--models", options->models, "those whose names match this regular expression");
  add_numbers<std::size_t>(app, "--in-flight", options->in_flight,
                           "numbers of connections, instead of 1,7,64,1000", 1, most_connections);
  app.add_option("--fan-out", options->fan_out, "of tasks that ask so many queries at once")
      ->check(range(std::size_t{1}, most_connections));
  add_guests(app, options->guests);
  add_backend(app, options->backend);
  add_deadline(app, options->deadline_ms);
  return [=] { return verify(*options, program); };
}

Action add_run(CLI::App& app, const Program& program) {
  const auto options = add_run_options(app);
  CLI::Option* const resume =
      app.add_option("--resume", options->resume,
                     "results file of a run to be completed, as it was started")
          ->type_name(file_name);
  // These two ask for less than the run, and so go with either kind.
  const CLI::Option* const checks[] = {app.get_option("--dry-run"),
                                       app.get_option("--verify-only")};
  for (CLI::Option* other : app.get_options())
    if (other != resume && other != app.get_help_ptr() &&
        std::ranges::find(checks, other) == std::end(checks))
      resume->excludes(other);
  return [=] {
    if (options->resume.empty()) return run(*options, program);
    RunOptions recorded = recorded_options(options->resume);
    recorded.dry_run = options->dry_run;
    recorded.verify_only = options->verify_only;
    return run(recorded, program);
  };
}

}  // namespace waitbench
