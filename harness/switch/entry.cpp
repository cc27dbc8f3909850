#include "harness/switch/entry.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/results/numbers.hpp"

namespace waitbench::micro {
namespace {

using nlohmann::json;

json text(std::string_view value) {
  return value.empty() ? json(nullptr) : json(value);
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

template <class Get>
std::vector<double> column(const Measured& measured, Get get) {
  std::vector<double> values;
  for (std::size_t round = 0; round < measured.turns.size(); ++round) values.push_back(get(round));
  return values;
}

void add_axes(const Axes& axes, json& entry) {
  entry["contexts"] = or_null(axes.contexts);
  entry["working_set_bytes"] = or_null(axes.working_set_bytes);
  entry["placement"] = axes.where ? json(word_for(*axes.where)) : json(nullptr);
  entry["depth"] = or_null(axes.depth);
  entry["watched"] = or_null(axes.watched);
  entry["ready"] = or_null(axes.ready);
  entry["tasks"] = or_null(axes.tasks);
  entry["armed"] = or_null(axes.armed);
  entry["primitive"] = text(axes.primitive);
  entry["situation"] = text(axes.situation);
}

// Google Benchmark's own fields, for its tools.
void add_google_benchmark_shape(const Measured& measured, json& entry) {
  entry["name"] = entry["run_name"] = name_of(*measured.benchmark);
  entry["run_type"] = "iteration";
  entry["repetition_index"] = 0;
  entry["threads"] = 1;
  entry["iterations"] = measured.turns.empty() ? 0 : measured.turns.back().iterations;
  entry["real_time"] =
      known(median(column(measured, [&](std::size_t round) { return measured.gross_ns(round); })));
  entry["cpu_time"] = known(median(column(measured, [&](std::size_t round) {
    const TurnResult& turn = measured.turns[round];
    return turn.cpu_s * 1e9 / static_cast<double>(turn.iterations);
  })));
  entry["time_unit"] = "ns";
}

void add_measurements(const Measured& measured, std::span<const Measured> all, json& entry) {
  const auto gross = column(measured, [&](std::size_t round) { return measured.gross_ns(round); });
  const auto net = net_ns(measured, all);
  const std::optional<double> bytes = measured.bytes_per_task();
  const auto interference = [&](double Interference::*share) {
    return column(measured, [&](std::size_t i) { return measured.interference[i].*share; });
  };
  json rounds = {{"order", measured.order},
                 {"gross_nanoseconds_per_operation", gross},
                 {"foreign_cpu_share", interference(&Interference::foreign_cpu_share)},
                 {"steal_share", interference(&Interference::steal_share)}};
  rounds["nanoseconds_per_operation"] = or_null(net);
  rounds["bytes_per_task"] = nullptr;
  if (bytes)
    rounds["bytes_per_task"] = column(measured, [&](std::size_t round) {
      return measured.turns[round].bytes_per_task.value_or(std::nan(""));
    });
  entry["rounds"] = std::move(rounds);
  entry["gross_nanoseconds_per_operation"] = known(median(gross));
  entry["nanoseconds_per_operation"] = net ? known(median(*net)) : json(nullptr);
  entry["bytes_per_task"] = or_null(bytes);
}

json flags(const Measured& measured) {
  json flags = json::array();
  if (measured.interrupted) flags.push_back("interrupted");
  if (are_disturbed(measured.interference)) flags.push_back("foreign-cpu");
  return flags;
}

json to_entry(const Measured& measured, std::span<const Measured> all) {
  const Benchmark& benchmark = *measured.benchmark;
  json entry;
  add_google_benchmark_shape(measured, entry);
  entry["family"] = benchmark.family;
  entry["model"] = benchmark.model;
  entry["role"] = benchmark.role;
  entry["style"] = text(benchmark.style);
  entry["engine"] = text(benchmark.engine);
  entry["operation"] = benchmark.operation;
  entry["baseline"] = text(benchmark.baseline);
  add_axes(benchmark.axes, entry);
  entry["limit"] = text(benchmark.limit);
  entry["status"] = status_name(measured.status);
  entry["reason"] = text(measured.reason);
  entry["flags"] = flags(measured);
  add_measurements(measured, all, entry);
  return entry;
}

}  // namespace

std::optional<std::vector<double>> net_ns(const Measured& measured, std::span<const Measured> all) {
  const std::string& name = measured.benchmark->baseline;
  const auto net = [&](auto subtracted_ns) {
    return column(measured, [&](std::size_t round) {
      return measured.gross_ns(round) - subtracted_ns(round);
    });
  };
  if (name.empty()) return net([](std::size_t) { return 0.0; });
  const auto loop = std::ranges::find_if(
      all, [&](const Measured& other) { return name_of(*other.benchmark) == name; });
  if (loop == all.end() || loop->turns.size() != measured.turns.size()) return std::nullopt;
  return net([&](std::size_t round) { return loop->gross_ns(round); });
}

json to_entries(std::span<const Measured> all) {
  json entries = json::array();
  for (const Measured& measured : all) entries.push_back(to_entry(measured, all));
  return entries;
}

}  // namespace waitbench::micro
