#include "harness/run/result.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "harness/trial/guest.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

// One number for each entry, of whichever pass.
constexpr const char* measured_fields[] = {"real_time",
                                           "cpu_time",
                                           "wall_s",
                                           "queries_per_second",
                                           "client_cpu_us_per_query",
                                           "backend_cpu_us_per_query",
                                           "client_cpu_share",
                                           "backend_cpu_share",
                                           "switches_voluntary_per_query",
                                           "switches_involuntary_per_query",
                                           "held_cpu_us",
                                           "in_flight_mean",
                                           "in_flight_peak_backend",
                                           "latency_us",
                                           "latency_parts_us",
                                           "latency_fan_out_us",
                                           "latency_uncorrected_us",
                                           "rate_achieved_qps",
                                           "backlog",
                                           "cancelled",
                                           "p99_limit_us",
                                           "trials",
                                           "trials_sustained",
                                           "sustained",
                                           "syscalls_per_query",
                                           "switches_per_query",
                                           "migrations_per_query",
                                           "counting_slowdown",
                                           "instructions_per_query"};

// One number for each round.
constexpr const char* round_fields[] = {"order",
                                        "wall_s",
                                        "queries_per_second",
                                        "client_cpu_us_per_query",
                                        "backend_cpu_us_per_query",
                                        "switches_voluntary_per_query",
                                        "switches_involuntary_per_query",
                                        "foreign_cpu_share",
                                        "steal_share"};

json text(std::string_view value) {
  return value.empty() ? json(nullptr) : json(value);
}

// Google Benchmark's own fields, for its tools: no reader of ours takes anything from a name.
void add_google_benchmark_shape(const EntryResult& result, json& entry) {
  entry["name"] = entry["run_name"] =
      benchmark_name(*result.entry.participant, result.cell, result.entry.repeat);
  entry["run_type"] = "iteration";
  entry["repetition_index"] = result.invocation;
  entry["threads"] = 1;
  entry["iterations"] = entry["queries"] = 0;
  entry["time_unit"] = "us";
}

void add_participant(const EntryResult& result, json& entry) {
  const Participant& participant = *result.entry.participant;
  entry["family"] = "query";
  entry["model"] = participant.name;
  entry["role"] = role_name(participant.role);
  entry["style"] = text(participant.style);
  entry["engine"] = text(participant.engine);
  entry["entry"] = result.entry.repeat;
  entry["max_in_flight"] = participant.max_in_flight(result.cell);
  if (participant.role == Role::positive_control) entry["planted_ns"] = result.planted_ns;
  if (participant.guest) entry["guest"] = identity_of(*participant.guest);
}

}  // namespace

EntryResult::EntryResult(const CellPlan& plan, const Entry& entry, std::size_t invocation)
    : purpose(plan.purpose), cell(plan.cell), fit(plan.fit), entry(entry), invocation(invocation) {
  if (entry.participant->role == Role::positive_control) planted_ns = plan.planted_ns;
}

void EntryResult::lose(Status why_not, std::string why, std::optional<std::uint32_t> peak) {
  status = why_not;
  reason = std::move(why);
  in_flight_peak_backend = peak;
}

json unmeasured_entry(const EntryResult& result) {
  json entry;
  for (const char* field : measured_fields) entry[field] = nullptr;
  for (const char* field : round_fields) entry["rounds"][field] = json::array();
  entry["delay_error_us"] = {{"mean", nullptr}, {"max", nullptr}};
  entry["memory_kib"] = {{"user", nullptr}, {"kernel", nullptr}};
  add_google_benchmark_shape(result, entry);
  add_participant(result, entry);
  entry.update(json(result.cell));
  entry["purpose"] = result.purpose;
  if (const auto axes = fitted_axes(result.fit); !axes.empty()) entry["fitted_axes"] = axes;
  entry["invocation"] = result.invocation;
  entry["cohort"] = result.entry.cohort;
  entry["status"] = status_name(result.status);
  entry["reason"] = text(result.reason);
  entry["flags"] = json::array();
  if (result.interrupted) entry["flags"].push_back("interrupted");
  entry["turn_queries"] = result.turn_queries;
  if (result.in_flight_peak_backend)
    entry["in_flight_peak_backend"] = *result.in_flight_peak_backend;
  return entry;
}

std::string benchmark_name(const Participant& participant, const Cell& cell, std::size_t repeat) {
  std::string name = fmt::format("query/{}/{}", participant.name, cell_name(cell));
  if (repeat > 0) name += fmt::format("/entry:{}", repeat);
  return name;
}

}  // namespace waitbench
