// Every negative control is rejected, and for the right reason.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "harness/backend/postgres/cluster.hpp"
#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

// Controls that are found out by a deadline take all of it.
constexpr std::int64_t deadline_ns = 2 * ns_per_s;
// A database takes its time to start. Who cheats with it is found out otherwise.
constexpr std::int64_t deadline_of_database_ns = 60 * ns_per_s;
constexpr std::size_t in_flight = 8;
constexpr Cell cell = {.in_flight = in_flight, .delay_us = 200, .reply_bytes = 64};

// Of those who cheat with a pool.
constexpr Cell with_pool = {.transport = Transport::unix,
                            .in_flight = in_flight,
                            .delay_us = 200,
                            .reply_bytes = 64,
                            .connections = Connections::pool(3)};

// Of those who do not pipeline what they say.
constexpr Cell with_pipelines = {.workload = "postgres",
                                 .transport = Transport::unix,
                                 .in_flight = 9,
                                 .delay_us = 200,
                                 .client = PostgresClientKind::wire,
                                 .pipeline = 3};

// Of those who cheat with deadlines: all are to be cancelled, or some.
constexpr std::uint32_t soon_us = 2000;
constexpr Cell with_deadline = {.transport = Transport::unix,
                                .in_flight = in_flight,
                                .delay_us = 20 * soon_us,
                                .delay_shape = DelayShape::constant,
                                .reply_bytes = 64,
                                .deadline_us = soon_us};
constexpr Cell with_near_deadline = {.transport = Transport::unix,
                                     .in_flight = 32,
                                     .delay_us = soon_us / 10.0,
                                     .reply_bytes = 64,
                                     .deadline_us = soon_us};

Cell cell_of(const Participant& participant) {
  if (participant.name == "control-deadline-pretended") return with_near_deadline;
  if (participant.name.starts_with("control-deadline")) return with_deadline;
  if (participant.name.starts_with("control-pipeline")) return with_pipelines;
  return participant.name.starts_with("control-pool") ? with_pool : cell;
}

// Words of the reason for which verification must reject each of them.
const std::map<std::string_view, std::string_view>& reasons() {
  static const std::map<std::string_view, std::string_view> words = {
      {"control-serial", "1 of 8 queries in flight at the deadline"},
      {"control-cache", "was answered with the reply to query"},
      {"control-drops-query", "7 of 8 queries in flight at the deadline"},
      {"control-drops-later-query", "7 of 8 queries in flight at the deadline"},
      {"control-answers-twice", "was answered with the reply to query"},
      {"control-asks-twice", "9 queries were in flight at once, where control-asks-twice can have"},
      {"control-forges-replies",
       "29 queries were let through, the backend answered 29, and the ledger has"},
      {"control-wrong-first-word", "the reply carries a wrong payload"},
      {"control-wrong-payload", "the reply carries a wrong payload"},
      {"control-wrong-last-word", "the reply carries a wrong payload"},
      {"control-blocking-call", "1 of 8 queries in flight at the deadline"},
      {"control-loses-reply", "read: Connection reset by peer"},
      {"control-understates", "5 queries were in flight at once, where control-understates can"},
      {"control-spins", "it did not go to sleep while its replies were withheld"},
      {"control-crashes", "its process was killed by signal 11"},
      {"control-throws", "cannot start a thread: Resource temporarily unavailable"},
      {"control-never-ends", "it did not end when its conversations were done"},
      {"control-ends-at-once", "its process exited with code 0"},
      {"control-deadline-ignored", "replies that came long after the deadline of 2000 us"},
      {"control-deadline-early", "before its deadline of 2000 us"},
      {"control-deadline-pretended", "were due before half of the deadline of 2000 us"},
      {"control-deadline-unsent", "the backend answered 8 and lost 0; the ledger has 8"},
      {"control-deadline-left-open",
       "9 queries were in flight at once, where control-deadline-left-open can have 8"},
      {"control-deadline-kept", "was answered with the reply to query"},
      {"control-pool-own-connections",
       "it has 8 connections open, where its pool and its idle ones are 3"},
      {"control-pool-leaves-out", "5 of its 8 clients never had a connection of the pool"},
      {"control-pipeline-one-by-one", "several clients of one pipeline rest at once"},
      {"control-pipeline-shorter", "several clients of one pipeline rest at once"},
  };
  return words;
}

class NegativeControl : public testing::TestWithParam<const Participant*> {};

TEST_P(NegativeControl, IsRejectedForTheRightReason) {
  const Cell its_cell = cell_of(*GetParam());
  if (its_cell.workload == "postgres")
    if (const Eligibility here = postgres_is_installed(); !here) GTEST_SKIP() << here.reason;
  const std::vector<Finding> findings =
      findings_about(*GetParam(), {{its_cell, false}},
                     its_cell.workload == "postgres" ? deadline_of_database_ns : deadline_ns);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, Verdict::failed);
  ASSERT_TRUE(reasons().contains(GetParam()->name));
  EXPECT_NE(findings[0].reason.find(reasons().at(GetParam()->name)), std::string::npos)
      << findings[0].reason;
}

INSTANTIATE_TEST_SUITE_P(Of, NegativeControl, testing::ValuesIn(participants_with({Role::control})),
                         [](const auto& info) { return test_name(info.param); });

constexpr std::string_view unbounded_fan_out = "pitfall-unbounded-fan-out";
constexpr std::string_view shared_pipe = "pitfall-shared-pipe";

TEST(Pitfalls, HaveOneQueryInFlightWhereTheyClaimAll) {
  for (const Participant* pitfall : participants_with({Role::pitfall})) {
    if (pitfall->name == unbounded_fan_out || pitfall->name == shared_pipe) continue;
    const std::vector<Finding> findings = findings_about(*pitfall, {{cell, false}}, ns_per_s);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].verdict, Verdict::failed) << pitfall->name;
    EXPECT_EQ(findings[0].reason, "1 of 8 queries in flight at the deadline") << pitfall->name;
  }
}

TEST(Pitfalls, AskMoreAtOnceThanALimitLetsThem) {
  Cell limited = cell;
  limited.limit = 3;
  for (const std::size_t fan_out : {1, 4}) {
    limited.fan_out = fan_out;
    const std::vector<Finding> findings =
        findings_about(participant_named(unbounded_fan_out), {{limited}, {cell}}, ns_per_s);
    EXPECT_EQ(findings.at(0).verdict, Verdict::failed);
    EXPECT_NE(findings[0].reason.find(
                  "queries were in flight at once, where pitfall-unbounded-fan-out can have 3"),
              std::string::npos)
        << findings[0].reason;
    EXPECT_EQ(findings.at(1).verdict, Verdict::skipped) << "it has done nothing wrong there";
  }
}

// With one who asks there is nobody else to whom an answer could go.
TEST(Pitfalls, GiveAnAnswerToAnotherOneThanHasAsked) {
  Cell alone = cell;
  alone.in_flight = 1;
  const std::vector<Finding> findings =
      findings_about(participant_named(shared_pipe), {{cell}, {alone}}, deadline_ns);
  EXPECT_EQ(findings.at(0).verdict, Verdict::failed);
  EXPECT_EQ(findings[0].reason,
            "a front end: it was given the answer to another query than its own");
  EXPECT_EQ(findings.at(1).verdict, Verdict::passed) << findings[1].reason;
}

// What a timed turn, which does not look at every byte, says of a participant: why it failed, or
// nothing.
std::optional<std::string> complaint_of_timed_turn(const Participant& participant) {
  Stage stage({.placement = plan_placement(available_cpus()), .deadline_ns = deadline_ns});
  try {
    TrialOrder order;
    order.cell = cell;
    RunningTrial& trial = stage.start(participant, order, 1000);
    stage.take_turn(trial, 100, nullptr);
    stage.finish(trial);
    return std::nullopt;
  } catch (const TrialFailed& error) {
    return error.what();
  }
}

TEST(TimedTurn, SeesAWrongFirstWordAndAWrongLastOne) {
  for (const char* name : {"control-wrong-first-word", "control-wrong-last-word"}) {
    const auto complaint = complaint_of_timed_turn(participant_named(name));
    ASSERT_TRUE(complaint) << name;
    EXPECT_NE(complaint->find("wrong payload"), std::string::npos) << *complaint;
  }
}

TEST(TimedTurn, SeesTheReplyToAnotherQuery) {
  for (const char* name : {"control-cache", "control-answers-twice"}) {
    const auto complaint = complaint_of_timed_turn(participant_named(name));
    ASSERT_TRUE(complaint) << name;
    EXPECT_NE(complaint->find("was answered with the reply to query"), std::string::npos)
        << *complaint;
  }
}

TEST(TimedTurn, SeesRepliesThatNobodySent) {
  const auto complaint = complaint_of_timed_turn(participant_named("control-forges-replies"));
  ASSERT_TRUE(complaint);
  EXPECT_NE(complaint->find("100 queries were let through, the backend answered 100, and the"),
            std::string::npos)
      << *complaint;
}

TEST(TimedTurn, HasNothingToSayOfAnHonestModel) {
  EXPECT_EQ(complaint_of_timed_turn(participant_named("callback-epoll")), std::nullopt);
}

}  // namespace
}  // namespace waitbench
