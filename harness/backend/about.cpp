#include "harness/backend/about.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "harness/backend/endpoint.hpp"
#include "harness/backend/gate_client.hpp"
#include "harness/machine/build_info.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

constexpr const char* host_facts[] = {"kernel",         "os",          "cpu_model",
                                      "virtualization", "clocksource", "governor"};

// Over a slow network some will do.
json measure_round_trips(GateClient& gate_client) {
  constexpr std::size_t most = 101, least = 5;
  constexpr std::int64_t enough_ns = ns_per_s;
  std::vector<double> round_trips_us;
  const std::int64_t start_ns = now_ns();
  while (round_trips_us.size() < least ||
         (round_trips_us.size() < most && now_ns() < start_ns + enough_ns)) {
    const std::int64_t asked_ns = now_ns();
    gate_client.statistics(0);
    round_trips_us.push_back(static_cast<double>(now_ns() - asked_ns) / ns_per_us);
  }
  std::ranges::sort(round_trips_us);
  return {{"median", round_trips_us[round_trips_us.size() / 2]},
          {"least", round_trips_us.front()},
          {"most", round_trips_us.back()},
          {"count", round_trips_us.size()}};
}

json string_or_null(const json& object, const char* field) {
  const json found = object.is_object() ? object.value(field, json()) : json();
  return found.is_string() ? found : json();
}

bool is_diagnosis(const json& item) {
  const json level = string_or_null(item, "level");
  const bool has_level = level == "ok" || level == "advice" || level == "unfit";
  if (!has_level || string_or_null(item, "check").is_null() ||
      string_or_null(item, "found").is_null())
    return false;
  return item.contains("advice") && (item["advice"].is_null() || item["advice"].is_string());
}

bool are_diagnoses(const json& items) {
  return items.is_array() && std::ranges::all_of(items, is_diagnosis);
}

bool are_cpus(const json& items) {
  const auto is_cpu = [](const json& item) { return item.is_number_unsigned(); };
  return items.is_array() && std::ranges::all_of(items, is_cpu);
}

// Of the backend's words those that can be so.
json known_of(const json& said) {
  json host = json::object();
  const json told = said.is_object() ? said.value("host", json()) : json();
  for (const char* fact : host_facts) host[fact] = string_or_null(told, fact);
  const json cpus = said.is_object() ? said.value("cpus", json()) : json();
  const json doctor = said.is_object() ? said.value("doctor", json()) : json();
  return {{"version", string_or_null(said, "version")},
          {"commit", string_or_null(said, "commit")},
          {"cpus", are_cpus(cpus) ? cpus : json()},
          {"host", host},
          {"doctor", are_diagnoses(doctor) ? doctor : json::array()}};
}

void check_version(const std::string& endpoint, const json& about) {
  const json ours = describe_source()["version"];
  if (about["version"].is_null() || about["version"] == ours) return;
  throw std::invalid_argument(
      fmt::format("{}: it is waitbench {}, and this is {}: use the same release on both sides",
                  endpoint, about["version"].get<std::string>(), ours.get<std::string>()));
}

json ask(const std::string& endpoint, std::int64_t deadline_ns) {
  GateClient gate_client(backend::parse_endpoint(endpoint), deadline_ns - now_ns());
  const json round_trips = measure_round_trips(gate_client);
  const std::int64_t asked_ns = now_ns();
  const json said = json::parse(gate_client.describe(), nullptr, false);
  const std::int64_t arrived_ns = now_ns();
  json about = known_of(said);
  const json clock = said.is_object() ? said.value("clock_ns", json()) : json();
  const std::int64_t clock_ns = clock.is_number_integer() ? clock.get<std::int64_t>() : 0;
  about.update({{"endpoint", endpoint},
                {"round_trip_us", round_trips},
                {"shares_clock", asked_ns <= clock_ns && clock_ns <= arrived_ns}});
  return about;
}

}  // namespace

json describe_backend(const std::string& endpoint, std::int64_t deadline_ns) {
  json about;
  try {
    about = ask(endpoint, deadline_ns);
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(fmt::format("{}: {}", endpoint, error.what()));
  }
  check_version(endpoint, about);
  return about;
}

}  // namespace waitbench
