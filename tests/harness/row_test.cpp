// Rows as entries of a results file: what is known, what is null, and what is flagged.
#include "harness/run/row.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace waitbench {
namespace {

using nlohmann::json;

class RowTest : public testing::Test {
 protected:
  RowTest() {
    row_.purpose = "matched";
    row_.cell = {.in_flight = 64, .delay_us = 2000};
    row_.entry = {find_participant(entrants_, "callback-epoll")};
    row_.turn_queries = 2000;
  }

  // A turn in which nothing calls for a flag.
  static Turn quiet_turn() {
    Turn turn;
    turn.queries = 2000;
    turn.wall_s = 0.08;
    turn.queries_per_second = 25'000;
    turn.client_cpu_us_per_query = 8;
    turn.backend_cpu_us_per_query = 6;
    turn.switches_voluntary_per_query = 0.5;
    turn.in_flight_mean = 64;
    turn.in_flight_peak_backend = 64;
    turn.delay_error_mean_us = 10;
    turn.delay_error_max_us = 300;
    return turn;
  }
  void add(const Turn& turn) {
    row_.turns.push_back(turn);
    row_.order.push_back(row_.order.size());
    row_.interference.emplace_back();
  }
  json flags() const { return to_entry(row_)["flags"]; }

  std::vector<Participant> entrants_ = all_participants();
  Row row_;
};

TEST_F(RowTest, SaysWhatItIsInFieldsAndNotOnlyInItsName) {
  row_.entry.repeat = 1;
  row_.entry.cohort = 2;
  row_.invocation = 3;
  add(quiet_turn());
  const json entry = to_entry(row_);
  EXPECT_EQ(entry["model"], "callback-epoll");
  EXPECT_EQ(entry["role"], "model");
  EXPECT_EQ(entry["style"], "callback");
  EXPECT_EQ(entry["engine"], "epoll");
  EXPECT_EQ(entry["in_flight"], 64);
  EXPECT_EQ(entry["max_in_flight"], 64);
  EXPECT_EQ(entry["entry"], 1);
  EXPECT_EQ(entry["cohort"], 2);
  EXPECT_EQ(entry["invocation"], 3);
  EXPECT_EQ(entry["name"], "query/callback-epoll/tcp/kept/in_flight:64/delay_us:2000/entry:1");
}

TEST_F(RowTest, ThatWasNotMeasuredHasNullForWhatItDoesNotKnow) {
  row_.status = Status::failed;
  row_.reason = "its process exited with code 1";
  const json entry = to_entry(row_);
  EXPECT_EQ(entry["status"], "failed");
  EXPECT_EQ(entry["reason"], "its process exited with code 1");
  EXPECT_EQ(entry["flags"], json::array());
  EXPECT_EQ(entry["queries"], 0);
  for (const char* field :
       {"wall_s", "queries_per_second", "client_cpu_us_per_query", "backend_cpu_us_per_query",
        "switches_voluntary_per_query", "switches_involuntary_per_query", "in_flight_mean",
        "in_flight_peak_backend", "latency_us", "client_cpu_share", "backend_cpu_share",
        "syscalls_per_query", "switches_per_query", "migrations_per_query", "counting_slowdown",
        "instructions_per_query", "real_time", "cpu_time", "rate_qps"})
    EXPECT_TRUE(entry[field].is_null()) << field << ": " << entry[field];
  EXPECT_TRUE(entry["delay_error_us"]["max"].is_null());
  EXPECT_TRUE(entry["memory_kib"]["kernel"].is_null());
}

TEST_F(RowTest, ThatFailedOverItsQueriesInFlightSaysHowManyThereWere) {
  add(quiet_turn());
  row_.lose(TrialFailed("1 of 64 queries in flight at the deadline", 1));
  for (const double rate_qps : {0.0, 100.0}) {
    row_.cell.rate_qps = rate_qps;
    const json entry = to_entry(row_);
    EXPECT_EQ(entry["status"], "failed");
    EXPECT_EQ(entry["reason"], "1 of 64 queries in flight at the deadline");
    EXPECT_EQ(entry["in_flight_peak_backend"], 1);
    EXPECT_TRUE(entry["in_flight_mean"].is_null());
  }
  row_.lose(TrialFailed("its process exited with code 1"));
  EXPECT_TRUE(to_entry(row_)["in_flight_peak_backend"].is_null());
}

TEST_F(RowTest, HasNeitherReasonNorFlagsWhenAllIsWell) {
  add(quiet_turn());
  const json entry = to_entry(row_);
  EXPECT_EQ(entry["status"], "ok");
  EXPECT_TRUE(entry["reason"].is_null());
  EXPECT_EQ(entry["flags"], json::array());
}

TEST_F(RowTest, HasNoStyleOrEngineWhereThereIsNone) {
  row_.entry = {find_participant(entrants_, "blocking")};
  EXPECT_TRUE(to_entry(row_)["engine"].is_null());
  row_.entry = {find_participant(entrants_, "no-op")};
  EXPECT_TRUE(to_entry(row_)["style"].is_null());
}

TEST_F(RowTest, HasTheMediansOfItsRoundsBesideThem) {
  for (const double cost : {9.0, 1.0, 5.0, 7.0}) {
    Turn turn = quiet_turn();
    turn.client_cpu_us_per_query = cost;
    add(turn);
  }
  const json entry = to_entry(row_);
  EXPECT_EQ(entry["rounds"]["client_cpu_us_per_query"], (json{9.0, 1.0, 5.0, 7.0}));
  EXPECT_EQ(entry["rounds"]["order"], (json{0, 1, 2, 3}));
  EXPECT_EQ(entry["client_cpu_us_per_query"], 6.0);
  EXPECT_EQ(entry["queries"], 8000);
  EXPECT_EQ(entry["delay_error_us"]["max"], 300.0);
}

TEST_F(RowTest, StoresLatencyInMicrosecondsWithItsHistogram) {
  add(quiet_turn());
  for (int i = 0; i < 9'999; ++i) row_.latency.corrected_ns.add(1'000'000);
  json latency = to_entry(row_)["latency_us"];
  EXPECT_EQ(latency["count"], 9'999);
  EXPECT_NEAR(latency["p50"].get<double>(), 1000, 10);
  EXPECT_NEAR(latency["mean"].get<double>(), 1000, 1e-6);
  EXPECT_EQ(latency["max"], 1000.0);
  EXPECT_EQ(latency["histogram"]["buckets"], (json{{Histogram::bucket_of(1'000'000), 9'999}}));
  EXPECT_TRUE(latency["p999"].is_null()) << "10,000 queries are needed";
  row_.latency.corrected_ns.add(1'000'000);
  EXPECT_TRUE(to_entry(row_)["latency_us"]["p999"].is_number());
}

TEST_F(RowTest, HasTheMemoryThatWasMeasuredInAPassOfItsOwn) {
  row_.memory = {.user_kib = 0.5, .kernel_kib = std::nullopt};
  const json entry = to_entry(row_);
  EXPECT_EQ(entry["memory_kib"]["user"], 0.5);
  EXPECT_TRUE(entry["memory_kib"]["kernel"].is_null());
  EXPECT_EQ(entry["rounds"]["order"], json::array());
  EXPECT_TRUE(entry["client_cpu_us_per_query"].is_null());
}

TEST_F(RowTest, FlagsABackendWithNothingToSpare) {
  Turn turn = quiet_turn();
  turn.backend_cpu_us_per_query = 38;  // 95% of a CPU at 25,000 a second
  add(turn);
  EXPECT_EQ(flags(), (json{"backend-limited"}));
}

TEST_F(RowTest, FlagsClientsWithLessThanAFifthOfTheirTimeToSpare) {
  Turn turn = quiet_turn();
  turn.client_cpu_us_per_query = 34;  // 85% of a CPU
  add(turn);
  EXPECT_EQ(flags(), (json{"saturated"}));
  row_.client_cpus = 2;
  EXPECT_EQ(flags(), json::array());
}

TEST_F(RowTest, FlagsAnInFlightThatIsNotWhatWasAskedFor) {
  Turn turn = quiet_turn();
  turn.in_flight_mean = 50;
  add(turn);
  EXPECT_EQ(flags(), (json{"in-flight-mismatch"}));
  row_.turns[0].in_flight_mean = 64;
  row_.turns[0].in_flight_peak_backend = 63;
  EXPECT_EQ(flags(), (json{"in-flight-mismatch"}));
}

TEST_F(RowTest, HasNoQueryInFlightWhileItWorksOnAReply) {
  row_.entry = {find_participant(entrants_, "blocking")};
  Turn turn = quiet_turn();
  turn.in_flight_peak_backend = 1;
  turn.in_flight_mean = 0.8;
  add(turn);
  EXPECT_EQ(flags(), (json{"in-flight-mismatch"}));
  row_.cell.work_us = 8;  // at 25,000 queries a second a fifth of the time
  EXPECT_EQ(flags(), json::array());
}

TEST_F(RowTest, FlagsAnOpenLoopThatFellBehindByMoreThanOnePercent) {
  row_.cell.rate_qps = 25'000;
  Turn turn = quiet_turn();
  turn.in_flight_mean = 10;  // in an open loop as many as it takes
  turn.backlog = 20;         // of 2,000
  add(turn);
  EXPECT_EQ(flags(), json::array());
  turn.backlog = 21;
  add(turn);
  EXPECT_EQ(flags(), (json{"unstable"}));
  EXPECT_EQ(to_entry(row_)["backlog"], 21);
}

TEST_F(RowTest, HasTheRateOfAnOpenLoopAndNullInAClosedOne) {
  add(quiet_turn());
  for (const char* field :
       {"rate_qps", "arrivals", "rate_achieved_qps", "backlog", "latency_uncorrected_us"})
    EXPECT_TRUE(to_entry(row_)[field].is_null()) << field;
  row_.cell.rate_qps = 25'000;
  row_.latency.uncorrected_ns.add(1'000'000);
  const json entry = to_entry(row_);
  EXPECT_EQ(entry["rate_qps"], 25'000.0);
  EXPECT_EQ(entry["arrivals"], "poisson");
  EXPECT_EQ(entry["rate_achieved_qps"], 25'000.0);
  EXPECT_EQ(entry["backlog"], 0);
  EXPECT_EQ(entry["latency_uncorrected_us"]["max"], 1000.0);
  EXPECT_TRUE(entry["in_flight_peak_backend"].is_null());
}

TEST_F(RowTest, FlagsForeignCpuTrendsAndInterruption) {
  add(quiet_turn());
  add(quiet_turn());
  row_.interference[1].foreign_cpu_share = 0.03;
  EXPECT_EQ(flags(), (json{"foreign-cpu"}));
  row_.interference[1].foreign_cpu_share = 0;
  row_.trend = true;
  EXPECT_EQ(flags(), (json{"trend"}));
  row_.trend = false;
  row_.interrupted = true;
  EXPECT_EQ(flags(), (json{"interrupted"}));
}

TEST_F(RowTest, HasCountsInItsRoundsAndTheirMediansBesideThem) {
  for (const double syscalls : {2.0, 2.5, 2.1}) {
    add(quiet_turn());
    row_.counts.push_back({.per_query = {{Event::syscalls, syscalls}}, .slowdown = syscalls / 2});
  }
  const json entry = json::parse(to_entry(row_).dump());
  EXPECT_EQ(entry["rounds"]["syscalls_per_query"], (json{2.0, 2.5, 2.1}));
  EXPECT_EQ(entry["syscalls_per_query"], 2.1);
  EXPECT_EQ(entry["counting_slowdown"], 1.05);
  EXPECT_TRUE(entry["switches_per_query"].is_null()) << "it was not counted";
  EXPECT_EQ(entry["rounds"]["migrations_per_query"], (json{nullptr, nullptr, nullptr}));
}

TEST_F(RowTest, FlagsCountersThatDisagreeOnSwitches) {
  add(quiet_turn());  // 0.5 a query by /proc
  row_.counts.push_back({.per_query = {{Event::switches, 0.508}}});
  EXPECT_EQ(flags(), json::array());
  row_.counts[0].per_query[Event::switches] = 0.53;
  EXPECT_EQ(flags(), (json{"counters-disagree"}));
}

TEST_F(RowTest, ThatWasScriptedHasNeitherBackendNorNetworkNorTime) {
  row_.scripted = true;
  EXPECT_EQ(to_entry(row_)["queries"], 0) << "as long as it has no count";
  row_.instructions_per_query = 123;
  const json entry = to_entry(row_);
  EXPECT_EQ(entry["instructions_per_query"], 123);
  EXPECT_EQ(entry["queries"], 2000);
  for (const char* field : {"backend", "transport", "delay_us", "client_cpu_us_per_query"})
    EXPECT_TRUE(entry[field].is_null()) << field;
}

TEST_F(RowTest, ThatIsLostHasNoResultsButItsReason) {
  add(quiet_turn());
  row_.counts.emplace_back();
  row_.lose(Status::failed, "it crashed");
  const json entry = to_entry(row_);
  EXPECT_EQ(entry["reason"], "it crashed");
  EXPECT_EQ(entry["queries"], 0);
  EXPECT_TRUE(entry["counting_slowdown"].is_null());
}

TEST_F(RowTest, ThatIsInterruptedKeepsWhatItHasAndIsSkippedIfThatIsNothing) {
  Row nothing = row_;
  nothing.interrupt();
  EXPECT_EQ(to_entry(nothing)["status"], "skipped");
  add(quiet_turn());
  row_.interrupt();
  EXPECT_EQ(to_entry(row_)["status"], "ok");
  EXPECT_EQ(flags(), (json{"interrupted"}));
}

TEST_F(RowTest, IsPlainJsonWhateverWasMeasured) {
  Turn turn = quiet_turn();
  turn.queries_per_second = 0.0 / 0.0;  // a turn so short that nothing arrived in it
  add(turn);
  const json entry = json::parse(to_entry(row_).dump());
  EXPECT_TRUE(entry["queries_per_second"].is_null());
  EXPECT_TRUE(entry["rounds"]["queries_per_second"][0].is_null());
}

}  // namespace
}  // namespace waitbench
