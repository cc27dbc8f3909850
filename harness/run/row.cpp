#include "harness/run/row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/results/numbers.hpp"
#include "harness/run/counting/fields.hpp"
#include "harness/run/open_loop_fields.hpp"

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

template <class Member>
std::vector<double> column(const Row& row, Member member) {
  std::vector<double> values;
  for (const Turn& turn : row.turns) values.push_back(turn.*member);
  return values;
}

double median_of(const Row& row, double Turn::*member) {
  return median(column(row, member));
}

// What share of the CPUs a cost per query comes to, at the rate that was reached.
double cpu_share(const Row& row, double Turn::*cost, std::size_t cpus) {
  return median_of(row, cost) * median_of(row, &Turn::queries_per_second) / 1e6 /
         static_cast<double>(cpus);
}

// Whether there were not as many queries in flight as there were to be. A conversation has none
// while its reply is worked on.
bool is_mismatched(const Row& row) {
  const double wanted = static_cast<double>(row.entry.participant->max_in_flight(row.cell));
  const double at_work = median_of(row, &Turn::queries_per_second) * row.cell.work_us / 1e6;
  return median_of(row, &Turn::in_flight_mean) < 0.9 * (wanted - at_work) ||
         row.turns.back().in_flight_peak_backend != wanted;
}

json flags(const Row& row) {
  json flags = json::array();
  if (row.interrupted) flags.push_back("interrupted");
  if (row.turns.empty()) return flags;
  if (cpu_share(row, &Turn::backend_cpu_us_per_query, 1) > limiting_backend_share)
    flags.push_back("backend-limited");
  if (cpu_share(row, &Turn::client_cpu_us_per_query, row.client_cpus) > matched_client_share)
    flags.push_back("saturated");
  if (row.entry.participant->role != Role::no_op && !row.cell.is_open_loop() && is_mismatched(row))
    flags.push_back("in-flight-mismatch");
  if (is_unstable(row)) flags.push_back("unstable");
  if (are_disturbed(row.interference)) flags.push_back("foreign-cpu");
  if (counters_disagree(row)) flags.push_back("counters-disagree");
  if (row.trend) flags.push_back("trend");
  return flags;
}

json rounds_entry(const Row& row) {
  std::vector<double> foreign, steal;
  for (const Interference& during : row.interference) {
    foreign.push_back(during.foreign_cpu_share);
    steal.push_back(during.steal_share);
  }
  return {{"order", row.order},
          {"wall_s", column(row, &Turn::wall_s)},
          {"queries_per_second", column(row, &Turn::queries_per_second)},
          {"client_cpu_us_per_query", column(row, &Turn::client_cpu_us_per_query)},
          {"backend_cpu_us_per_query", column(row, &Turn::backend_cpu_us_per_query)},
          {"switches_voluntary_per_query", column(row, &Turn::switches_voluntary_per_query)},
          {"switches_involuntary_per_query", column(row, &Turn::switches_involuntary_per_query)},
          {"foreign_cpu_share", foreign},
          {"steal_share", steal}};
}

// Google Benchmark's own fields, for its tools: nobody else reads a name.
void add_google_benchmark_shape(const Row& row, json& entry) {
  const std::string name = benchmark_name(*row.entry.participant, row.cell, row.entry.repeat);
  std::uint64_t queries = 0;
  for (const Turn& turn : row.turns) queries += turn.queries;
  entry["name"] = entry["run_name"] = name;
  entry["run_type"] = "iteration";
  entry["repetition_index"] = row.invocation;
  entry["threads"] = 1;
  entry["iterations"] = entry["queries"] = queries;
  entry["real_time"] = known(1e6 / median_of(row, &Turn::queries_per_second));
  entry["cpu_time"] = known(median_of(row, &Turn::client_cpu_us_per_query));
  entry["time_unit"] = "us";
}

void add_axes(const Row& row, json& entry) {
  entry.update(json(row.cell));
  entry["backend"] = "delay";
}

json in_flight_peak(const Row& row) {
  if (row.in_flight_peak_backend) return *row.in_flight_peak_backend;
  // In an open loop the backend sees the clients at rest, too: all of them, at each end of a turn.
  if (row.turns.empty() || row.cell.is_open_loop()) return nullptr;
  return row.turns.back().in_flight_peak_backend;
}

void add_medians(const Row& row, json& entry) {
  for (const auto& [name, member] :
       {std::pair{"wall_s", &Turn::wall_s},
        {"queries_per_second", &Turn::queries_per_second},
        {"client_cpu_us_per_query", &Turn::client_cpu_us_per_query},
        {"backend_cpu_us_per_query", &Turn::backend_cpu_us_per_query},
        {"switches_voluntary_per_query", &Turn::switches_voluntary_per_query},
        {"switches_involuntary_per_query", &Turn::switches_involuntary_per_query},
        {"in_flight_mean", &Turn::in_flight_mean}})
    entry[name] = known(median_of(row, member));
  entry["client_cpu_share"] =
      known(cpu_share(row, &Turn::client_cpu_us_per_query, row.client_cpus));
  entry["backend_cpu_share"] = known(cpu_share(row, &Turn::backend_cpu_us_per_query, 1));
  double delay_error_max_us = std::nan("");
  for (const Turn& turn : row.turns)
    delay_error_max_us = std::fmax(delay_error_max_us, turn.delay_error_max_us);
  entry["delay_error_us"] = {{"mean", known(median_of(row, &Turn::delay_error_mean_us))},
                             {"max", known(delay_error_max_us)}};
}

}  // namespace

void Row::lose(Status why_not, std::string why) {
  status = why_not;
  reason = std::move(why);
  turns.clear();
  counts.clear();
  instructions_per_query.reset();
  order.clear();
  interference.clear();
  latency = {};
  memory = {};
}

void Row::lose(const TrialFailed& why) {
  lose(Status::failed, why.what());
  in_flight_peak_backend = why.in_flight_peak_backend;
}

void Row::interrupt() {
  if (status != Status::ok) return;
  interrupted = true;
  if (!turns.empty()) return;
  status = Status::skipped;
  reason = "interrupted before the first round was complete";
}

Row empty_row(const CellPlan& plan, const Entry& entry) {
  Row row;
  row.purpose = plan.purpose;
  row.cell = plan.cell;
  row.entry = entry;
  row.p99_limit_us = plan.p99_limit_us;
  return row;
}

std::string benchmark_name(const Participant& participant, const Cell& cell, std::size_t entry) {
  std::string name = fmt::format("query/{}/{}", participant.name, cell_name(cell));
  if (entry > 0) name += fmt::format("/entry:{}", entry);
  return name;
}

json to_entry(const Row& row) {
  const Participant& participant = *row.entry.participant;
  const auto text = [](std::string_view value) {
    return value.empty() ? json(nullptr) : json(value);
  };
  json entry;
  add_google_benchmark_shape(row, entry);
  entry["family"] = "query";
  entry["model"] = participant.name;
  entry["role"] = role_name(participant.role);
  entry["style"] = text(participant.style);
  entry["engine"] = text(participant.engine);
  entry["entry"] = row.entry.repeat;
  entry["purpose"] = row.purpose;
  add_axes(row, entry);
  entry["max_in_flight"] = participant.max_in_flight(row.cell);
  entry["invocation"] = row.invocation;
  entry["cohort"] = row.entry.cohort;
  entry["status"] = status_name(row.status);
  entry["reason"] = text(row.reason);
  entry["flags"] = flags(row);
  entry["turn_queries"] = row.turn_queries;
  entry["rounds"] = rounds_entry(row);
  add_medians(row, entry);
  entry["latency_us"] = latency_entry(row.latency.corrected_ns);
  entry["latency_parts_us"] = latency_parts_entry(row.latency);
  add_open_loop(row, entry);
  entry["in_flight_peak_backend"] = in_flight_peak(row);
  const auto amount = [](std::optional<double> kib) { return kib ? json(*kib) : json(nullptr); };
  entry["memory_kib"] = {{"user", amount(row.memory.user_kib)},
                         {"kernel", amount(row.memory.kernel_kib)}};
  add_counts(row, entry);
  return entry;
}

}  // namespace waitbench
