#include "harness/switch/turn.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "harness/machine/limits.hpp"

namespace waitbench::micro {
namespace {

// Keeps what Google Benchmark has to report instead of printing it.
class Keeper : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    if (!runs.empty()) run_ = runs.front();
  }

  TurnResult result() const {
    if (!run_) return {.error = "Google Benchmark did not run it"};
    if (run_->error_occurred) return {.error = run_->error_message};
    TurnResult result{.iterations = static_cast<std::uint64_t>(run_->iterations),
                      .real_s = run_->real_accumulated_time,
                      .cpu_s = run_->cpu_accumulated_time};
    const auto bytes = run_->counters.find("bytes_per_task");
    if (bytes != run_->counters.end()) result.bytes_per_task = bytes->second.value;
    return result;
  }

 private:
  std::optional<Run> run_;
};

void run_guarded(const Benchmark& benchmark, benchmark::State& state, CpuPair cpus) {
  try {
    benchmark.run(state, cpus);
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

}  // namespace

TurnResult take_turn(const Benchmark& benchmark, const TurnOrder& order) {
  benchmark::ClearRegisteredBenchmarks();
  auto* registered = benchmark::RegisterBenchmark(
      order.benchmark.c_str(),
      [&](benchmark::State& state) { run_guarded(benchmark, state, order.cpus); });
  registered->UseRealTime();
  if (order.iterations > 0)
    registered->Iterations(static_cast<benchmark::IterationCount>(order.iterations));
  else
    registered->MinTime(order.min_time_s);
  Keeper keeper;
  benchmark::RunSpecifiedBenchmarks(&keeper, "all");
  benchmark::ClearRegisteredBenchmarks();  // what was registered refers to our arguments
  return keeper.result();
}

int run_turn(const TurnOrder& order) {
  raise_descriptor_limit();
  const std::vector<Benchmark> all = all_benchmarks();
  const auto found = std::ranges::find(all, order.benchmark, name_of);
  const TurnResult result = found == all.end()
                                ? TurnResult{.error = "unknown benchmark " + order.benchmark}
                                : take_turn(*found, order);
  const std::string answer = to_text(result);
  const ssize_t written = ::write(order.result_fd, answer.data(), answer.size());
  return written == static_cast<ssize_t>(answer.size()) ? 0 : 1;
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CpuPair, first, second)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TurnOrder, benchmark, iterations, min_time_s, cpus, result_fd)

std::string to_text(const TurnOrder& order) {
  return nlohmann::json(order).dump();
}

TurnOrder order_from(const std::string& text) {
  return nlohmann::json::parse(text).get<TurnOrder>();
}

std::string to_text(const TurnResult& result) {
  return nlohmann::json{
      {"error", result.error},
      {"iterations", result.iterations},
      {"real_s", result.real_s},
      {"cpu_s", result.cpu_s},
      {"bytes_per_task",
       result.bytes_per_task ? nlohmann::json(*result.bytes_per_task) : nlohmann::json(nullptr)}}
      .dump();
}

TurnResult result_from(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  TurnResult result{.error = json.at("error"),
                    .iterations = json.at("iterations"),
                    .real_s = json.at("real_s"),
                    .cpu_s = json.at("cpu_s")};
  if (!json.at("bytes_per_task").is_null()) result.bytes_per_task = json["bytes_per_task"];
  return result;
}

}  // namespace waitbench::micro
