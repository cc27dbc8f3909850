// The results of every pass as entries of a results file: entries.json has what each of them must
// be. A reader of results files relies on it, so it changes only with the schema.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/run/counting/event_pass.hpp"
#include "harness/run/counting/instructions.hpp"
#include "harness/run/memory_pass.hpp"
#include "harness/run/sweep.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

class Entries : public testing::Test {
 protected:
  template <class Result>
  Result result_of(const char* purpose, const Cell& cell, const char* name) const {
    Result result;
    result.purpose = purpose;
    result.cell = cell;
    result.entry = {.participant = find_participant(participants_, name), .repeat = 1, .cohort = 2};
    result.invocation = 3;
    return result;
  }

  // A result with three turns, of which each number has a value of its own.
  template <class Result>
  Result with_turns(const char* purpose, const Cell& cell) const {
    Result result = result_of<Result>(purpose, cell, "callback-epoll");
    result.client_cpus = 2;
    result.turn_queries = 2000;
    for (const int number : {1, 0, 2}) {
      result.turns.push_back(turn(number));
      result.order.push_back(2 - result.order.size());
      result.interference.push_back(
          {.foreign_cpu_share = 0.005 * static_cast<double>(result.interference.size()),
           .steal_share = 0.001});
    }
    for (std::int64_t i = 1; i <= 5; ++i) {
      LedgerRecord record{};
      record.intended_start_ns = 1000;
      record.start_ns = record.intended_start_ns + 100 * i;
      record.received_ns = record.start_ns + 2000;
      record.due_ns = record.received_ns + 50'000;
      record.sent_ns = record.due_ns + 300 * i;
      record.end_ns = record.sent_ns + 4000;
      result.latency.add(record);
    }
    return result;
  }

  static Turn turn(int number) {
    Turn turn;
    turn.queries = 2000 + static_cast<std::uint64_t>(number);
    turn.wall_s = 0.08 + number / 100.0;
    turn.queries_per_second = 25'000 + 1000 * number;
    turn.client_cpu_us_per_query = 8 + number;
    turn.backend_cpu_us_per_query = 6 + number / 2.0;
    turn.switches_voluntary_per_query = 0.5 + number / 8.0;
    turn.switches_involuntary_per_query = 0.25 * number;
    turn.in_flight_mean = 63 + number / 4.0;
    turn.delay_error_mean_us = 10 + number;
    turn.delay_error_max_us = 300 + number;
    turn.in_flight_peak_backend = 64;
    turn.backlog = static_cast<std::uint64_t>(2 * number);
    return turn;
  }

  EventsResult with_events() const {
    EventsResult result = with_turns<EventsResult>("counted", closed_);
    result.invocation = 0;
    result.latency = {};
    for (const int number : {1, 0, 2})
      result.counts.push_back(
          {.per_query = {{Event::syscalls, 2 + number}, {Event::switches, 0.6 + number / 2.7}},
           .slowdown = 1.5 + number});
    return result;
  }

  // What must become of it. The axes of its cell are another test's subject.
  template <class Result>
  void expect(const Result& result, const std::string& name) const {
    static const json all = json::parse(std::ifstream(WAITBENCH_ENTRIES));
    json expected = all.at("every pass");
    expected.update(all.at(name));
    json entry = json::parse(to_entry(result).dump());
    const json axes = result.cell;
    for (const auto& [axis, value] : axes.items()) entry.erase(axis);
    entry.erase("backend");
    EXPECT_EQ(entry, expected) << name << ": " << json::diff(expected, entry).dump(1);
  }

  std::vector<Participant> participants_ = all_participants();
  Cell closed_{.in_flight = 64, .delay_us = 2000};
  Cell open_{.in_flight = 64, .delay_us = 2000, .rate_qps = 25'000};
};

TEST_F(Entries, OfAClosedLoopHaveItsTurns) {
  RoundsResult result = with_turns<RoundsResult>("matched", closed_);
  result.trend = true;
  expect(result, "closed loop");
  result.interrupt();
  expect(result, "closed loop, interrupted");
  result.lose(Status::failed, "1 of 64 queries in flight at the deadline", 1);
  expect(result, "closed loop, failed");
  RoundsResult none = result_of<RoundsResult>("matched", closed_, "blocking");
  none.turn_queries = 2000;
  none.interrupt();
  expect(none, "closed loop, interrupted at once");
}

TEST_F(Entries, OfAnOpenLoopHaveItsRateAndBacklog) {
  RoundsResult result = with_turns<RoundsResult>("open", open_);
  expect(result, "open loop");
  result.lose(Status::skipped, "it cannot");
  expect(result, "open loop, skipped");
}

TEST_F(Entries, OfASweepHaveItsTrials) {
  SweepResult result = with_turns<SweepResult>("sweep", open_);
  result.p99_limit_us = 5000;
  result.trials = 3;
  result.trials_sustained = 2;
  expect(result, "sweep");
  result.lose(Status::failed, "it crashed");
  expect(result, "sweep, failed");
}

TEST_F(Entries, OfTheMemoryPassHaveMemoryAlone) {
  MemoryResult result = result_of<MemoryResult>(
      "memory", {.transport = Transport::unix, .in_flight = 1000, .delay_us = 0}, "callback-epoll");
  result.memory = {.user_kib = 0.5, .kernel_kib = 2.25};
  expect(result, "memory");
  result.memory.kernel_kib = std::nullopt;
  expect(result, "memory, of which one part is unknown");
  result.memory = {};
  result.interrupt();
  expect(result, "memory, interrupted");
}

TEST_F(Entries, OfCountedEventsHaveTheirCountsBesideTheTurns) {
  EventsResult result = with_events();
  expect(result, "events");
  result.lose(Status::failed, "perf_event_open: Too many open files");
  expect(result, "events, failed");
}

TEST_F(Entries, OfCountedEventsAreFlaggedWherePerfAndProcDisagreeOnSwitches) {
  EventsResult result = with_turns<EventsResult>("counted", closed_);
  for (const Turn& turn : result.turns)
    result.counts.push_back(
        {.per_query = {{Event::switches,
                        turn.switches_voluntary_per_query + turn.switches_involuntary_per_query}}});
  EXPECT_EQ(to_entry(result)["flags"], json::array());
  for (EventCounts& counts : result.counts) counts.per_query[Event::switches] *= 1.03;
  EXPECT_EQ(to_entry(result)["flags"], (json{"counters-disagree"}));
}

TEST_F(Entries, OfCountedInstructionsHaveNeitherBackendNorNetworkNorTime) {
  InstructionsResult result = result_of<InstructionsResult>(
      "counted", {.in_flight = 64, .delay_us = 0, .depth = 4}, "callback-epoll");
  result.invocation = 0;
  result.turn_queries = 2000;
  expect(result, "instructions, not counted");
  result.per_query = 123.5;
  expect(result, "instructions");
  for (const char* axis : {"backend", "transport", "connections", "delay_us", "delay_shape"})
    EXPECT_TRUE(to_entry(result)[axis].is_null()) << axis;
  result.per_query = std::nullopt;
  result.lose(Status::failed, "valgrind gave no count");
  expect(result, "instructions, failed");
}

TEST_F(Entries, OfThePositiveControlSayHowMuchWasPlantedAndNoOthersDo) {
  const CellPlan plan{.purpose = "matched", .cell = closed_, .entries = {}, .planted_ns = 400};
  const auto entry_of = [&](const char* name) {
    return to_entry(RoundsResult(plan, {find_participant(participants_, name)}, 0));
  };
  EXPECT_EQ(entry_of("positive-control")["planted_ns"], 400);
  EXPECT_EQ(entry_of("positive-control")["role"], "positive-control");
  EXPECT_FALSE(entry_of("callback-epoll").contains("planted_ns"));
}

TEST_F(Entries, HaveTheAxesOfTheirCell) {
  const json entry = to_entry(result_of<RoundsResult>("matched", open_, "blocking"));
  const json axes = open_;
  for (const auto& [axis, value] : axes.items()) EXPECT_EQ(entry[axis], value) << axis;
  EXPECT_EQ(entry["backend"], "delay");
}

}  // namespace
}  // namespace waitbench
