#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "harness/commands/commands.hpp"
#include "harness/commands/pattern.hpp"
#include "harness/machine/limits.hpp"
#include "harness/machine/placement.hpp"
#include "harness/os/interrupt.hpp"
#include "harness/os/streams.hpp"
#include "harness/results/context.hpp"
#include "harness/results/results_file.hpp"
#include "harness/switch/entry.hpp"
#include "harness/switch/report.hpp"
#include "harness/switch/rounds.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

using micro::Benchmark;
using micro::Measured;

using Chosen = std::vector<const Benchmark*>;

// Those whose names match, as Google Benchmark reads its filter.
Chosen choose(const std::vector<Benchmark>& all, const std::string& filter) {
  Chosen chosen;
  const NameTest passes = passes_filter(filter);
  for (const Benchmark& benchmark : all)
    if (passes(micro::name_of(benchmark))) chosen.push_back(&benchmark);
  if (chosen.empty())
    throw UsageError(fmt::format(
        "--benchmark_filter: no benchmark matches '{}'; waitbench switch --list has them", filter));
  return chosen;
}

// Whatever is chosen needs the loops that are subtracted from it, in the same rounds.
void add_baselines(Chosen& chosen, const std::vector<Benchmark>& all) {
  const Chosen asked_for = chosen;
  for (const Benchmark* benchmark : asked_for) {
    const auto has_its_name = [&](const Benchmark& other) {
      return micro::name_of(other) == benchmark->baseline;
    };
    const auto baseline = std::ranges::find_if(all, has_its_name);
    if (baseline != all.end() && std::ranges::find(chosen, &*baseline) == chosen.end())
      chosen.push_back(&*baseline);
  }
}

int print_list(const Chosen& chosen, bool names_only) {
  for (const Benchmark* benchmark : chosen) {
    const std::string name = micro::name_of(*benchmark);
    if (names_only)
      print_to_stdout("{}\n", name);
    else
      print_to_stdout("{:<58} {}\n", name, benchmark->operation);
  }
  return exit_ok;
}

micro::CpuPair cpus_of(const Placement& placement) {
  return {.first = placement.client_cpus.front(), .second = placement.backend_cpus.front()};
}

nlohmann::json describe_run(std::uint64_t seed, std::size_t entries, const Placement& placement,
                            const Program& program) {
  constexpr std::int64_t glance_ns = ns_per_s / 5;
  nlohmann::json context = {{"date", utc_now()},
                            {"command", program.words},
                            {"profile", "switch"},
                            {"seed", seed},
                            {"entries_planned", entries},
                            {"status", "interrupted"},  // until it is complete
                            {"elapsed_s", 0}};
  context.update(describe_context(placement, glance_ns));
  return context;
}

class SwitchRun {
 public:
  SwitchRun(const SwitchOptions& options, const Chosen& chosen, const Placement& placement,
            const Program& program)
      : options_(options),
        seed_(options.seed ? *options.seed : std::random_device{}()),
        rounds_(chosen, {.rounds = options.rounds,
                         .min_time_s = options.min_time_s,
                         .seed = seed_,
                         .cpus = cpus_of(placement),
                         .one_core = placement.shared,
                         .deadline_ns = options.deadline_ms * ns_per_ms}) {
    if (!options.out.empty())
      results_.emplace(options.out, describe_run(seed_, chosen.size(), placement, program));
    micro::check_report_file(options.report.out);
  }

  // The exit code.
  int perform() {
    if (results_) results_->begin();
    rounds_.play([this](std::size_t round) { after_round(round); });
    const auto has_failed = [](const Measured& measured) {
      return measured.status == Status::failed;
    };
    const bool failed = std::ranges::any_of(rounds_.measured(), has_failed);
    if (results_) {
      record(interrupted() ? "interrupted" : failed ? "failed" : "complete");
      results_->finish();
    }
    micro::ReportOptions report = options_.report;
    report.on_stderr = options_.out == standard_output;
    micro::report(rounds_.measured(), report);
    if (results_) print_to_stderr("{} entries in {}\n", results_->size(), results_->name());
    return interrupted() ? exit_interrupted : failed ? exit_failed : exit_ok;
  }

 private:
  void after_round(std::size_t round) {
    if (round == 0) {
      warm_ns_ = now_ns();
      print_to_stderr("warmed up; {} rounds of {} benchmarks\n", options_.rounds,
                      rounds_.measured().size());
      return;
    }
    const double per_round_s =
        static_cast<double>(now_ns() - warm_ns_) / ns_per_s / static_cast<double>(round);
    print_to_stderr("round {}/{}  about {:.0f} s left\n", round, options_.rounds,
                    per_round_s * static_cast<double>(options_.rounds - round));
    if (!results_) return;
    record("interrupted");
    results_->write();
  }

  void record(const char* status) {
    results_->context()["status"] = status;
    results_->context()["elapsed_s"] = static_cast<double>(now_ns() - start_ns_) / ns_per_s;
    results_->replace(micro::to_entries(rounds_.measured()));
  }

  const SwitchOptions& options_;
  std::uint64_t seed_;
  micro::Rounds rounds_;
  std::optional<ResultsFile> results_;
  std::int64_t start_ns_ = now_ns();
  std::int64_t warm_ns_ = start_ns_;
};

}  // namespace

int measure_switches(const SwitchOptions& options, const Program& program) {
  const std::vector<Benchmark> all = micro::all_benchmarks();
  Chosen chosen = choose(all, options.filter);
  if (options.list || options.names_only) return print_list(chosen, options.names_only);
  add_baselines(chosen, all);
  raise_descriptor_limit();
  try {
    const Placement placement = plan_placement(available_cpus());
    SwitchRun run(options, chosen, placement, program);
    catch_interrupts();
    return run.perform();
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace waitbench
