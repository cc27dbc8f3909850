#include "harness/commands/switch_options.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/commands/commands.hpp"
#include "harness/commands/range.hpp"

namespace waitbench {
namespace {

// Google Benchmark's own flags, as its users know them.
void add_google_benchmark(CLI::App& app, SwitchOptions& options) {
  const auto add_word = [&app](const char* name, std::string& word, const char* what,
                               std::vector<std::string> words) {
    app.add_option(name, word, what)->check(CLI::IsMember(words))->capture_default_str();
  };
  micro::ReportOptions& report = options.report;
  app.add_option("--benchmark_filter", options.filter, "those whose names match (-RE: do not)");
  app.add_flag("--benchmark_list_tests", options.names_only, "their names only");
  app.add_option("--benchmark_min_time", options.min_time_s, "of a benchmark in a round, in s")
      ->check(range(1e-6, 60.0))
      ->capture_default_str();
  add_word("--benchmark_format", report.format, "on stdout", {"console", "json", "csv"});
  app.add_option("--benchmark_out", report.out, "a file that has the results too")
      ->type_name(file_name);
  add_word("--benchmark_out_format", report.out_format, "in it", {"console", "json", "csv"});
  add_word("--benchmark_color", report.color, "on stdout", {"auto", "true", "false"});
  app.add_flag("--benchmark_counters_tabular", report.counters_tabular, "as columns");
  app.add_flag("--benchmark_report_aggregates_only", report.aggregates_only,
               "medians alone, also in json and csv");
}

}  // namespace

Action add_switch(CLI::App& app, const Program& program) {
  auto options = std::make_shared<SwitchOptions>();
  app.add_flag("--list", options->list, "the benchmarks, with what one operation of each is");
  app.add_option("--rounds,--benchmark_repetitions", options->rounds,
                 "in each of which every benchmark has a turn")
      ->check(range(1, 100'000))
      ->capture_default_str();
  app.add_option("--seed", options->seed, "of the orders; default: one at random, recorded")
      ->check(no_sign());
  app.add_option("--deadline-ms", options->deadline_ms, "for each turn")
      ->check(range(1, 3'600'000))
      ->capture_default_str();
  app.add_option("--out", options->out, "results file, or - for stdout; default: none")
      ->type_name(file_name);
  add_google_benchmark(app, *options);
  return [=] { return measure_switches(*options, program); };
}

}  // namespace waitbench
