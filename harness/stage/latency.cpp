#include "harness/stage/latency.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace waitbench {
namespace {

using nlohmann::json;

constexpr std::uint64_t least_for_p999 = 10'000;

double percentile_us(const Histogram& durations_ns, double rank) {
  return durations_ns.percentile(rank) / 1000;
}

double max_us(const Histogram& durations_ns) {
  return static_cast<double>(durations_ns.max()) / 1000;
}

}  // namespace

std::optional<LatencyParts> latency_parts(const LedgerRecord& record) {
  const std::array stamps = {record.intended_start_ns, record.start_ns,
                             record.received_ns,       record.due_ns,
                             record.sent_ns,           record.end_ns};
  if (!std::ranges::is_sorted(stamps)) return std::nullopt;
  LatencyParts parts;
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = stamps[i + 1] - stamps[i];
  return parts;
}

void Latency::add(const LedgerRecord& record, bool has_one_clock) {
  corrected_ns.add(static_cast<std::uint64_t>(record.end_ns - record.intended_start_ns));
  uncorrected_ns.add(static_cast<std::uint64_t>(record.end_ns - record.start_ns));
  const std::optional<LatencyParts> parts = latency_parts(record);
  if (!parts || !has_one_clock) return;
  for (std::size_t i = 0; i < parts->size(); ++i)
    parts_ns[i].add(static_cast<std::uint64_t>((*parts)[i]));
}

void Latency::add(const Latency& others) {
  corrected_ns.add(others.corrected_ns);
  uncorrected_ns.add(others.uncorrected_ns);
  fan_out_ns.add(others.fan_out_ns);
  for (std::size_t i = 0; i < parts_ns.size(); ++i) parts_ns[i].add(others.parts_ns[i]);
}

json latency_entry(const Histogram& latency_ns) {
  if (latency_ns.total() == 0) return nullptr;
  json buckets = json::array();
  for (std::size_t i = 0; i < latency_ns.counts().size(); ++i)
    if (latency_ns.counts()[i] > 0) buckets.push_back({i, latency_ns.counts()[i]});
  const bool has_tail = latency_ns.total() >= least_for_p999;
  return {
      {"count", latency_ns.total()},
      {"mean", latency_ns.mean() / 1000},
      {"p50", percentile_us(latency_ns, 0.5)},
      {"p90", percentile_us(latency_ns, 0.9)},
      {"p99", percentile_us(latency_ns, 0.99)},
      {"p999", has_tail ? json(percentile_us(latency_ns, 0.999)) : json(nullptr)},
      {"max", max_us(latency_ns)},
      {"histogram",
       {{"unit_ns", 1}, {"sub_bucket_bits", Histogram::sub_bucket_bits}, {"buckets", buckets}}}};
}

json latency_parts_entry(const Latency& latency) {
  const std::uint64_t count = latency.parts_ns.front().total();
  if (count == 0) return nullptr;
  json entry = {{"count", count}};
  for (std::size_t i = 0; i < latency_part_names.size(); ++i) {
    const Histogram& part_ns = latency.parts_ns[i];
    entry[std::string(latency_part_names[i])] = {{"mean", part_ns.mean() / 1000},
                                                 {"p50", percentile_us(part_ns, 0.5)},
                                                 {"p99", percentile_us(part_ns, 0.99)},
                                                 {"max", max_us(part_ns)}};
  }
  return entry;
}

}  // namespace waitbench
