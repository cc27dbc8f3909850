#include "harness/run/rounds_result.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/results/numbers.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

// Above these shares of its CPUs a side counts as busy. What share the clients use says little of
// how near they are to their limit, since most of a query's cost at a light load is the wake-up for
// its reply, which a heavier load spares them: at a third of what it sustains, a model used 65%.
// With less than a fifth to spare it may not keep up with the load, though; and a backend with less
// than a tenth may be what sets the pace.
constexpr double matched_client_share = 0.8;
constexpr double limiting_backend_share = 0.9;

constexpr double tolerable_backlog = 0.01;   // of what was due
constexpr double tolerable_held_cpu = 0.01;  // of what a turn uses

constexpr std::pair<const char*, double Turn::*> fields_of_turns[] = {
    {"wall_s", &Turn::wall_s},
    {"queries_per_second", &Turn::queries_per_second},
    {"client_cpu_us_per_query", &Turn::client_cpu_us_per_query},
    {"backend_cpu_us_per_query", &Turn::backend_cpu_us_per_query},
    {"switches_voluntary_per_query", &Turn::switches_voluntary_per_query},
    {"switches_involuntary_per_query", &Turn::switches_involuntary_per_query}};

template <class Item>
std::vector<double> column(const std::vector<Item>& items, double Item::*member) {
  std::vector<double> values;
  for (const Item& item : items) values.push_back(item.*member);
  return values;
}

// What share of the CPUs a cost per query comes to, at the rate that was reached.
double cpu_share(const RoundsResult& result, double Turn::*cost, std::size_t cpus) {
  return median_of(result, cost) * median_of(result, &Turn::queries_per_second) / 1e6 /
         static_cast<double>(cpus);
}

// Whether there were fewer or more queries in flight than there should be. A conversation has none
// while it works on its reply, and a task that waits for the last of several has fewer and fewer.
bool is_mismatched(const RoundsResult& result) {
  const double wanted = static_cast<double>(result.entry.participant->max_in_flight(result.cell));
  const double at_work = median_of(result, &Turn::queries_per_second) * result.cell.work_us / 1e6;
  const bool has_fewer = result.cell.fan_out == 1 &&
                         median_of(result, &Turn::in_flight_mean) < 0.9 * (wanted - at_work);
  const std::size_t when_held = result.entry.participant->in_flight_when_held(result.cell);
  return has_fewer || result.turns.back().in_flight_peak_backend != when_held;
}

// Whether it uses CPU time while all its replies are withheld.
bool works_while_held(const RoundsResult& result) {
  const double of_turns_us = median_of(result, &Turn::client_cpu_us_per_query) *
                             static_cast<double>(result.turns.back().queries);
  return median_of(result, &Turn::held_cpu_us) > tolerable_held_cpu * of_turns_us;
}

void add_flags(const RoundsResult& result, json& flags) {
  if (result.turns.empty()) return;
  if (cpu_share(result, &Turn::backend_cpu_us_per_query, 1) > limiting_backend_share)
    flags.push_back("backend-limited");
  if (cpu_share(result, &Turn::client_cpu_us_per_query, result.client_cpus) > matched_client_share)
    flags.push_back("saturated");
  if (result.entry.participant->role != Role::no_op && !result.cell.is_open_loop() &&
      is_mismatched(result))
    flags.push_back("in-flight-mismatch");
  if (is_unstable(result)) flags.push_back("unstable");
  if (are_disturbed(result.interference)) flags.push_back("foreign-cpu");
  if (works_while_held(result)) flags.push_back("works-while-held");
  if (result.trend) flags.push_back("trend");
  if (std::ranges::any_of(result.turns, &Turn::harness_stopped)) flags.push_back("harness-stopped");
}

void add_rounds(const RoundsResult& result, json& entry) {
  json& rounds = entry["rounds"];
  rounds["order"] = result.order;
  rounds["foreign_cpu_share"] = column(result.interference, &Interference::foreign_cpu_share);
  rounds["steal_share"] = column(result.interference, &Interference::steal_share);
  std::uint64_t queries = 0;
  for (const Turn& turn : result.turns) queries += turn.queries;
  entry["iterations"] = entry["queries"] = queries;
  for (const auto& [field, member] : fields_of_turns) {
    rounds[field] = column(result.turns, member);
    entry[field] = known(median_of(result, member));
  }
}

void add_derived(const RoundsResult& result, json& entry) {
  entry["real_time"] = known(1e6 / median_of(result, &Turn::queries_per_second));
  entry["cpu_time"] = entry["client_cpu_us_per_query"];
  entry["held_cpu_us"] = known(median_of(result, &Turn::held_cpu_us));
  entry["in_flight_mean"] = known(median_of(result, &Turn::in_flight_mean));
  entry["client_cpu_share"] =
      known(cpu_share(result, &Turn::client_cpu_us_per_query, result.client_cpus));
  entry["backend_cpu_share"] = known(cpu_share(result, &Turn::backend_cpu_us_per_query, 1));
  double delay_error_max_us = std::nan("");
  for (const Turn& turn : result.turns)
    delay_error_max_us = std::fmax(delay_error_max_us, turn.delay_error_max_us);
  entry["delay_error_us"] = {{"mean", known(median_of(result, &Turn::delay_error_mean_us))},
                             {"max", known(delay_error_max_us)}};
}

void add_cancelled(const RoundsResult& result, json& entry) {
  if (result.cell.deadline_us == 0) return;
  std::uint64_t cancelled = 0;
  for (const Turn& turn : result.turns) cancelled += turn.cancelled;
  entry["cancelled"] = cancelled;
}

// In an open loop the backend sees the rest queries, too, which are as many as there are clients:
// so what it saw in flight at most says nothing.
void add_loop(const RoundsResult& result, json& entry) {
  if (result.turns.empty()) return;
  if (!result.cell.is_open_loop()) {
    entry["in_flight_peak_backend"] = result.turns.back().in_flight_peak_backend;
    return;
  }
  entry["rate_achieved_qps"] = entry["queries_per_second"];
  entry["backlog"] = std::ranges::max(result.turns, {}, &Turn::backlog).backlog;
  entry["latency_uncorrected_us"] = latency_entry(result.latency.uncorrected_ns);
}

}  // namespace

double median_of(const RoundsResult& result, double Turn::*member) {
  return median(column(result.turns, member));
}

void RoundsResult::lose(Status why_not, std::string why, std::optional<std::uint32_t> peak) {
  EntryResult::lose(why_not, std::move(why), peak);
  turns.clear();
  order.clear();
  interference.clear();
  latency = {};
}

void RoundsResult::interrupt() {
  if (status != Status::ok) return;
  interrupted = true;
  if (turns.empty())
    EntryResult::lose(Status::skipped, "interrupted before the first round was complete");
}

bool is_unstable(const RoundsResult& result) {
  std::uint64_t backlog = 0;
  for (const Turn& turn : result.turns) backlog += turn.backlog;
  const std::size_t due = result.turn_queries * result.turns.size();
  return static_cast<double>(backlog) > tolerable_backlog * static_cast<double>(due);
}

json to_entry(const RoundsResult& result) {
  json entry = unmeasured_entry(result);
  add_flags(result, entry["flags"]);
  add_rounds(result, entry);
  add_derived(result, entry);
  add_loop(result, entry);
  add_cancelled(result, entry);
  entry["latency_us"] = latency_entry(result.latency.corrected_ns);
  entry["latency_parts_us"] = latency_parts_entry(result.latency);
  entry["latency_fan_out_us"] = latency_entry(result.latency.fan_out_ns);
  return entry;
}

}  // namespace waitbench
