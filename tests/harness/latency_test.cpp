// Latencies: their parts, and what a stall does to them with and without the schedule in mind.
#include "harness/stage/latency.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>

#include "harness/os/random.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

LedgerRecord record(std::int64_t intended_start_ns, std::int64_t start_ns, std::int64_t end_ns) {
  return {.intended_start_ns = intended_start_ns,
          .start_ns = start_ns,
          .end_ns = end_ns,
          .received_ns = start_ns,
          .due_ns = end_ns,
          .sent_ns = end_ns};
}

TEST(Latency, HasFivePartsThatAreTheGapsBetweenItsStamps) {
  const LedgerRecord query = {.intended_start_ns = 1000,
                              .start_ns = 1001,
                              .end_ns = 1220,
                              .received_ns = 1011,
                              .due_ns = 1111,
                              .sent_ns = 1120};
  EXPECT_EQ(latency_parts(query), (LatencyParts{1, 10, 100, 9, 100}));
}

TEST(Latency, HasPartsThatAddUpToItWhateverTheStamps) {
  Random random(3);
  Latency latency;
  for (int i = 0; i < 1000; ++i) {
    std::array<std::int64_t, 6> stamps;
    for (std::int64_t& stamp : stamps) stamp = static_cast<std::int64_t>(random.next() % 1'000'000);
    std::ranges::sort(stamps);
    const LedgerRecord query = {.intended_start_ns = stamps[0],
                                .start_ns = stamps[1],
                                .end_ns = stamps[5],
                                .received_ns = stamps[2],
                                .due_ns = stamps[3],
                                .sent_ns = stamps[4]};
    const LatencyParts parts = latency_parts(query).value();
    ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), stamps[5] - stamps[0]);
    latency.add(query);
  }
  const nlohmann::json entry = latency_parts_entry(latency);
  double sum_us = 0;
  for (const std::string_view name : latency_part_names)
    sum_us += entry[std::string(name)]["mean"].get<double>();
  EXPECT_NEAR(sum_us, latency.corrected_ns.mean() / 1000, 1e-6);
}

TEST(Latency, HasNoPartsWhereTheStampsAreNotInOrder) {
  LedgerRecord query = record(0, 10, 20);
  query.received_ns = 25;
  EXPECT_EQ(latency_parts(query), std::nullopt);
  Latency latency;
  latency.add(query);
  EXPECT_EQ(latency.corrected_ns.total(), 1U);
  EXPECT_TRUE(latency_parts_entry(latency).is_null()) << "unknown is null";
}

// Whoever reads results files takes the names from the schema.
TEST(Latency, ItsPartsHaveTheNamesOfTheSchemaAndNoOthers) {
  const auto schema = nlohmann::json::parse(std::ifstream(WAITBENCH_SCHEMA));
  const nlohmann::json::json_pointer place("/$defs/entry/properties/latency_parts_us");
  const auto& parts = schema.at(place);
  std::set<std::string> expected = {"count"};
  for (const std::string_view name : latency_part_names) expected.emplace(name);
  EXPECT_EQ(parts.at("required").get<std::set<std::string>>(), expected);
  std::set<std::string> described;
  for (const auto& [name, type] : parts.at("properties").items()) described.insert(name);
  EXPECT_EQ(described, expected);
}

TEST(Latency, IsNullWhereNothingWasMeasured) {
  EXPECT_TRUE(latency_entry({}).is_null());
  EXPECT_TRUE(latency_parts_entry({}).is_null());
}

// A single server that takes 0.1 ms for a query, and that stands still for 200 ms in the midst of 2
// s in which a query arrives each millisecond. The queries that arrive in those 200 ms have to wait
// for what is left of them: 1% of all, which is 20 queries, waited for at least 180 ms.
TEST(Latency, CorrectedTellsOfAStallAndUncorrectedDoesNot) {
  constexpr std::int64_t service_ns = ns_per_ms / 10, gap_ns = ns_per_ms;
  constexpr std::int64_t stall_from_ns = 900 * ns_per_ms, stall_to_ns = 1100 * ns_per_ms;
  Latency latency;
  std::int64_t free_ns = 0;  // when the server is done with the last query
  for (std::int64_t i = 0; i < 2000; ++i) {
    const std::int64_t arrival_ns = i * gap_ns;
    const std::int64_t start_ns = std::max(arrival_ns, free_ns);
    const bool stalls = start_ns >= stall_from_ns && start_ns < stall_to_ns;
    free_ns = (stalls ? stall_to_ns : start_ns) + service_ns;
    latency.add(record(arrival_ns, start_ns, free_ns));
  }
  // While it catches up, each query waits 0.1 ms longer than it would have: hence 0.9.
  EXPECT_NEAR(latency.corrected_ns.percentile(0.99), (200 - 20 * 0.9) * ns_per_ms, ns_per_ms);
  EXPECT_NEAR(latency.uncorrected_ns.percentile(0.99), service_ns, service_ns / 100.0);
  EXPECT_NEAR(static_cast<double>(latency.uncorrected_ns.max()), 200.1 * ns_per_ms, 1) << "but one";
}

}  // namespace
}  // namespace waitbench
