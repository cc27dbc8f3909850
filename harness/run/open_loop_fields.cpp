#include "harness/run/open_loop_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/results/numbers.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr double tolerable_backlog = 0.01;  // of what was due

}  // namespace

bool is_unstable(const Row& row) {
  std::uint64_t backlog = 0;
  for (const Turn& turn : row.turns) backlog += turn.backlog;
  const std::size_t due = row.turn_queries * row.turns.size();
  return static_cast<double>(backlog) > tolerable_backlog * static_cast<double>(due);
}

bool is_sustained(const Row& trial) {
  const double p99_us = trial.latency.corrected_ns.percentile(0.99) / ns_per_us;
  return trial.status == Status::ok && !is_unstable(trial) && p99_us <= trial.p99_limit_us;
}

void add_open_loop(const Row& row, nlohmann::json& entry) {
  for (const char* field : {"rate_achieved_qps", "backlog", "latency_uncorrected_us",
                            "p99_limit_us", "trials", "trials_sustained", "sustained"})
    entry[field] = nullptr;
  if (!row.cell.is_open_loop() || row.turns.empty()) return;
  std::vector<double> rates_qps;
  std::uint64_t largest_backlog = 0;
  for (const Turn& turn : row.turns) {
    rates_qps.push_back(turn.queries_per_second);
    largest_backlog = std::max(largest_backlog, turn.backlog);
  }
  entry["rate_achieved_qps"] = known(median(rates_qps));
  entry["backlog"] = largest_backlog;
  entry["latency_uncorrected_us"] = latency_entry(row.latency.uncorrected_ns);
  if (row.p99_limit_us == 0) return;
  entry["p99_limit_us"] = row.p99_limit_us;
  entry["trials"] = row.trials;
  entry["trials_sustained"] = row.trials_sustained;
  entry["sustained"] = 2 * row.trials_sustained > row.trials;
}

}  // namespace waitbench
