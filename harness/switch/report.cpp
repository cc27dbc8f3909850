#include "harness/switch/report.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "harness/os/streams.hpp"
#include "harness/results/numbers.hpp"
#include "harness/switch/entry.hpp"

namespace waitbench::micro {
namespace {

using benchmark::BenchmarkReporter;
using Run = BenchmarkReporter::Run;

bool wants_color(const std::string& color) {
  return color == "true" || (color == "auto" && isatty(STDOUT_FILENO) == 1);
}

// Leaves out what Google Benchmark has to say of the machine and of itself: our results file knows
// better.
class Console : public benchmark::ConsoleReporter {
 public:
  using ConsoleReporter::ConsoleReporter;

  bool ReportContext(const Context& context) override {
    name_field_width_ = context.name_field_width;
    return true;
  }
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // CSV has been about to go for years
std::unique_ptr<BenchmarkReporter> make_csv_reporter() {
  return std::make_unique<benchmark::CSVReporter>();
}
#pragma GCC diagnostic pop

std::unique_ptr<BenchmarkReporter> make_reporter(const std::string& format, bool color,
                                                 bool tabular) {
  if (format == "json") return std::make_unique<benchmark::JSONReporter>();
  if (format == "csv") return make_csv_reporter();
  const int options =
      (color ? Console::OO_Color : Console::OO_None) | (tabular ? Console::OO_Tabular : 0);
  return std::make_unique<Console>(static_cast<Console::OutputOptions>(options));
}

Run blank_run(const Measured& measured) {
  Run run;
  run.run_name.function_name = name_of(*measured.benchmark);
  run.family_index = run.per_family_instance_index = run.repetition_index = 0;
  run.report_label = measured.benchmark->operation;
  run.repetitions = static_cast<std::int64_t>(measured.turns.size());
  run.statistics = nullptr;
  run.time_unit = benchmark::kNanosecond;
  return run;
}

Run refused_run(const Measured& measured) {
  Run run = blank_run(measured);
  run.error_occurred = true;
  run.error_message = measured.reason;
  return run;
}

void add_counters(Run& run, std::optional<double> net_ns, std::optional<double> bytes_per_task) {
  if (net_ns) run.counters["net_ns"] = *net_ns;
  if (bytes_per_task) run.counters["bytes_per_task"] = *bytes_per_task;
}

std::vector<Run> repetitions(const Measured& measured,
                             const std::optional<std::vector<double>>& net) {
  std::vector<Run> runs;
  for (std::size_t round = 0; round < measured.turns.size(); ++round) {
    const TurnResult& turn = measured.turns[round];
    Run run = blank_run(measured);
    run.repetition_index = static_cast<std::int64_t>(round);
    run.iterations = static_cast<benchmark::IterationCount>(turn.iterations);
    run.real_accumulated_time = turn.real_s;
    run.cpu_accumulated_time = turn.cpu_s;
    add_counters(run, net ? std::optional((*net)[round]) : std::nullopt, turn.bytes_per_task);
    runs.push_back(std::move(run));
  }
  return runs;
}

template <class Get>
double median_of(const Measured& measured, Get get) {
  std::vector<double> values;
  for (const TurnResult& turn : measured.turns) values.push_back(get(turn));
  return median(std::move(values));
}

// Times are divided by `iterations` before they are shown, which for an aggregate are repetitions.
Run median_run(const Measured& measured, const std::optional<std::vector<double>>& net) {
  const auto per_iteration = [](double TurnResult::*time) {
    return [time](const TurnResult& turn) {
      return turn.*time / static_cast<double>(turn.iterations);
    };
  };
  Run run = blank_run(measured);
  run.run_type = Run::RT_Aggregate;
  run.aggregate_name = "median";
  run.aggregate_unit = benchmark::kTime;
  run.repetition_index = Run::no_repetition_index;
  run.iterations = run.repetitions;
  const auto times = static_cast<double>(run.repetitions);
  run.real_accumulated_time = times * median_of(measured, per_iteration(&TurnResult::real_s));
  run.cpu_accumulated_time = times * median_of(measured, per_iteration(&TurnResult::cpu_s));
  add_counters(run, net ? std::optional(median(*net)) : std::nullopt, measured.bytes_per_task());
  return run;
}

void report_through(BenchmarkReporter& reporter, std::span<const Measured> all,
                    bool with_repetitions) {
  BenchmarkReporter::Context context;
  context.name_field_width = 0;
  for (const Measured& measured : all)
    context.name_field_width = std::max(context.name_field_width,
                                        name_of(*measured.benchmark).size() + std::size("_median"));
  reporter.ReportContext(context);
  for (const Measured& measured : all) {
    if (measured.turns.empty()) {
      reporter.ReportRuns({refused_run(measured)});
      continue;
    }
    const auto net = net_ns(measured, all);
    std::vector<Run> runs;
    if (with_repetitions) runs = repetitions(measured, net);
    runs.push_back(median_run(measured, net));
    reporter.ReportRuns(runs);
  }
  reporter.Finalize();
}

}  // namespace

void report(std::span<const Measured> all, const ReportOptions& options) {
  const auto text = [&](const std::string& format, bool color) {
    std::ostringstream stream;
    const auto reporter = make_reporter(format, color, options.counters_tabular);
    reporter->SetOutputStream(&stream);
    report_through(*reporter, all, format != "console" && !options.aggregates_only);
    return std::move(stream).str();
  };
  if (options.on_stderr)
    write_to_stderr(text(options.format, options.color == "true"));
  else
    write_to_stdout(text(options.format, wants_color(options.color)));
  if (options.out.empty()) return;
  std::ofstream file(options.out);
  file << text(options.out_format, false);
  file.close();
  if (!file) throw std::system_error(errno, std::generic_category(), "cannot write " + options.out);
}

void check_report_file(const std::string& out) {
  if (out.empty()) return;
  if (!std::ofstream(out, std::ios::app))
    throw std::invalid_argument(
        fmt::format("--benchmark_out {}: {}; name a file that may be written", out,
                    std::generic_category().message(errno)));
}

}  // namespace waitbench::micro
