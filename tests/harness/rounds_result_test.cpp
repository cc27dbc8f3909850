// The timed rounds of an entry in a results file: what is known, what is null, what is flagged.
#include "harness/run/rounds_result.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace waitbench {
namespace {

using nlohmann::json;

class RoundsResultEntry : public testing::Test {
 protected:
  RoundsResultEntry() {
    result_.purpose = "matched";
    result_.cell = {.in_flight = 64, .delay_us = 2000};
    result_.entry = {find_participant(participants_, "callback-epoll")};
    result_.turn_queries = 2000;
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
    result_.turns.push_back(turn);
    result_.order.push_back(result_.order.size());
    result_.interference.emplace_back();
  }
  json flags() const { return to_entry(result_)["flags"]; }

  std::vector<Participant> participants_ = all_participants();
  RoundsResult result_;
};

TEST_F(RoundsResultEntry, FieldsSayWhatANameSays) {
  result_.entry.repeat = 1;
  result_.entry.cohort = 2;
  result_.invocation = 3;
  add(quiet_turn());
  const json entry = to_entry(result_);
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

TEST_F(RoundsResultEntry, WhatWasNotMeasuredIsNull) {
  result_.status = Status::failed;
  result_.reason = "its process exited with code 1";
  const json entry = to_entry(result_);
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

TEST_F(RoundsResultEntry, AFailureOverQueriesInFlightRecordsHowManyThereWere) {
  add(quiet_turn());
  result_.lose(Status::failed, "1 of 64 queries in flight at the deadline", 1);
  for (const double rate_qps : {0.0, 100.0}) {
    result_.cell.rate_qps = rate_qps;
    const json entry = to_entry(result_);
    EXPECT_EQ(entry["status"], "failed");
    EXPECT_EQ(entry["reason"], "1 of 64 queries in flight at the deadline");
    EXPECT_EQ(entry["in_flight_peak_backend"], 1);
    EXPECT_TRUE(entry["in_flight_mean"].is_null());
  }
  result_.lose(Status::failed, "its process exited with code 1");
  EXPECT_TRUE(to_entry(result_)["in_flight_peak_backend"].is_null());
}

TEST_F(RoundsResultEntry, AGoodResultHasNeitherReasonNorFlags) {
  add(quiet_turn());
  const json entry = to_entry(result_);
  EXPECT_EQ(entry["status"], "ok");
  EXPECT_TRUE(entry["reason"].is_null());
  EXPECT_EQ(entry["flags"], json::array());
}

TEST_F(RoundsResultEntry, AParticipantWithoutStyleOrEngineHasNullForThem) {
  result_.entry = {find_participant(participants_, "blocking")};
  EXPECT_TRUE(to_entry(result_)["engine"].is_null());
  result_.entry = {find_participant(participants_, "no-op")};
  EXPECT_TRUE(to_entry(result_)["style"].is_null());
}

TEST_F(RoundsResultEntry, MediansOfTheRoundsStandBesideThem) {
  for (const double cost : {9.0, 1.0, 5.0, 7.0}) {
    Turn turn = quiet_turn();
    turn.client_cpu_us_per_query = cost;
    add(turn);
  }
  const json entry = to_entry(result_);
  EXPECT_EQ(entry["rounds"]["client_cpu_us_per_query"], (json{9.0, 1.0, 5.0, 7.0}));
  EXPECT_EQ(entry["rounds"]["order"], (json{0, 1, 2, 3}));
  EXPECT_EQ(entry["client_cpu_us_per_query"], 6.0);
  EXPECT_EQ(entry["queries"], 8000);
  EXPECT_EQ(entry["delay_error_us"]["max"], 300.0);
}

TEST_F(RoundsResultEntry, LatencyIsStoredInMicrosecondsWithItsHistogram) {
  add(quiet_turn());
  for (int i = 0; i < 9'999; ++i) result_.latency.corrected_ns.add(1'000'000);
  json latency = to_entry(result_)["latency_us"];
  EXPECT_EQ(latency["count"], 9'999);
  EXPECT_NEAR(latency["p50"].get<double>(), 1000, 10);
  EXPECT_NEAR(latency["mean"].get<double>(), 1000, 1e-6);
  EXPECT_EQ(latency["max"], 1000.0);
  EXPECT_EQ(latency["histogram"]["buckets"], (json{{Histogram::bucket_of(1'000'000), 9'999}}));
  EXPECT_TRUE(latency["p999"].is_null()) << "10,000 queries are needed";
  result_.latency.corrected_ns.add(1'000'000);
  EXPECT_TRUE(to_entry(result_)["latency_us"]["p999"].is_number());
}

TEST_F(RoundsResultEntry, ABackendWithNothingToSpareIsFlagged) {
  Turn turn = quiet_turn();
  turn.backend_cpu_us_per_query = 38;  // 95% of a CPU at 25,000 a second
  add(turn);
  EXPECT_EQ(flags(), (json{"backend-limited"}));
}

TEST_F(RoundsResultEntry, ClientsWithLessThanAFifthOfTheirTimeToSpareAreFlagged) {
  Turn turn = quiet_turn();
  turn.client_cpu_us_per_query = 34;  // 85% of a CPU
  add(turn);
  EXPECT_EQ(flags(), (json{"saturated"}));
  result_.client_cpus = 2;
  EXPECT_EQ(flags(), json::array());
}

TEST_F(RoundsResultEntry, AnInFlightThatIsNotWhatWasAskedForIsFlagged) {
  Turn turn = quiet_turn();
  turn.in_flight_mean = 50;
  add(turn);
  EXPECT_EQ(flags(), (json{"in-flight-mismatch"}));
  result_.turns[0].in_flight_mean = 64;
  result_.turns[0].in_flight_peak_backend = 63;
  EXPECT_EQ(flags(), (json{"in-flight-mismatch"}));
}

TEST_F(RoundsResultEntry, AConversationThatWorksOnAReplyHasNoQueryInFlight) {
  result_.entry = {find_participant(participants_, "blocking")};
  Turn turn = quiet_turn();
  turn.in_flight_peak_backend = 1;
  turn.in_flight_mean = 0.8;
  add(turn);
  EXPECT_EQ(flags(), (json{"in-flight-mismatch"}));
  result_.cell.work_us = 8;  // at 25,000 queries a second a fifth of the time
  EXPECT_EQ(flags(), json::array());
}

TEST_F(RoundsResultEntry, AnOpenLoopThatFellBehindByMoreThanOnePercentIsFlagged) {
  result_.cell.rate_qps = 25'000;
  Turn turn = quiet_turn();
  turn.in_flight_mean = 10;  // in an open loop as many as it takes
  turn.backlog = 20;         // of 2,000
  add(turn);
  EXPECT_EQ(flags(), json::array());
  turn.backlog = 21;
  add(turn);
  EXPECT_EQ(flags(), (json{"unstable"}));
  EXPECT_EQ(to_entry(result_)["backlog"], 21);
}

TEST_F(RoundsResultEntry, OnlyAnOpenLoopHasARate) {
  add(quiet_turn());
  for (const char* field :
       {"rate_qps", "arrivals", "rate_achieved_qps", "backlog", "latency_uncorrected_us"})
    EXPECT_TRUE(to_entry(result_)[field].is_null()) << field;
  result_.cell.rate_qps = 25'000;
  result_.latency.uncorrected_ns.add(1'000'000);
  const json entry = to_entry(result_);
  EXPECT_EQ(entry["rate_qps"], 25'000.0);
  EXPECT_EQ(entry["arrivals"], "poisson");
  EXPECT_EQ(entry["rate_achieved_qps"], 25'000.0);
  EXPECT_EQ(entry["backlog"], 0);
  EXPECT_EQ(entry["latency_uncorrected_us"]["max"], 1000.0);
  EXPECT_TRUE(entry["in_flight_peak_backend"].is_null());
}

TEST_F(RoundsResultEntry, CountsWhatWasCancelledWhereThereIsADeadline) {
  Turn turn = quiet_turn();
  turn.cancelled = 7;
  add(turn);
  add(turn);
  EXPECT_TRUE(to_entry(result_)["cancelled"].is_null());
  result_.cell.deadline_us = 1000;
  EXPECT_EQ(to_entry(result_)["cancelled"], 14);
}

TEST_F(RoundsResultEntry, ForeignCpuTrendsAndInterruptionAreFlagged) {
  add(quiet_turn());
  add(quiet_turn());
  result_.interference[1].foreign_cpu_share = 0.03;
  EXPECT_EQ(flags(), (json{"foreign-cpu"}));
  result_.interference[1].foreign_cpu_share = 0;
  result_.trend = true;
  EXPECT_EQ(flags(), (json{"trend"}));
  result_.trend = false;
  result_.interrupted = true;
  EXPECT_EQ(flags(), (json{"interrupted"}));
}

TEST_F(RoundsResultEntry, ALostResultHasItsReasonAndNothingElse) {
  add(quiet_turn());
  result_.latency.corrected_ns.add(1'000'000);
  result_.lose(Status::failed, "it crashed");
  const json entry = to_entry(result_);
  EXPECT_EQ(entry["reason"], "it crashed");
  EXPECT_EQ(entry["queries"], 0);
  EXPECT_TRUE(entry["latency_us"].is_null());
}

TEST_F(RoundsResultEntry, AnInterruptedResultKeepsItsRoundsAndIsSkippedIfThereAreNone) {
  RoundsResult nothing = result_;
  nothing.interrupt();
  EXPECT_EQ(to_entry(nothing)["status"], "skipped");
  add(quiet_turn());
  result_.interrupt();
  EXPECT_EQ(to_entry(result_)["status"], "ok");
  EXPECT_EQ(flags(), (json{"interrupted"}));
}

TEST_F(RoundsResultEntry, WhateverWasMeasuredTheEntryIsPlainJson) {
  Turn turn = quiet_turn();
  turn.queries_per_second = 0.0 / 0.0;  // a turn so short that nothing arrived in it
  add(turn);
  const json entry = json::parse(to_entry(result_).dump());
  EXPECT_TRUE(entry["queries_per_second"].is_null());
  EXPECT_TRUE(entry["rounds"]["queries_per_second"][0].is_null());
}

}  // namespace
}  // namespace waitbench
