// Every model that can lets tasks ask several queries at once, does the work that it will be
// credited with, and has as many in flight as it claims.
#include <gtest/gtest.h>

#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

constexpr std::int64_t deadline_ns = 30 * ns_per_s;  // a bound, not a measure

Cell tasks_of(std::size_t fan_out, std::size_t in_flight,
              Connections connections = Connections::kept, Transport transport = Transport::unix) {
  return {.transport = transport,
          .in_flight = in_flight,
          .delay_us = 200,
          .reply_bytes = 64,
          .connections = connections,
          .fan_out = fan_out};
}

std::vector<VerificationCase> cases() {
  std::vector<VerificationCase> all = {{tasks_of(5, 5)},
                                       {tasks_of(16, 64, Connections::kept, Transport::tcp)},
                                       {tasks_of(16, 64, Connections::fresh)},
                                       {tasks_of(3, 12), true}};
  for (const std::size_t workers : {2, 7, 20}) {  // fewer and more than tasks, more than in flight
    all.push_back({tasks_of(4, 16)});
    all.back().cell.workers = workers;
  }
  all.push_back({tasks_of(4, 16)});
  all.back().cell.depth = 4;
  all.push_back({tasks_of(2, 16, Connections::fresh)});
  all.back().cell.loops = 3;
  all.push_back({tasks_of(4, 16)});
  all.back().cell.idle = 5;
  return all;
}

class FanOut : public testing::TestWithParam<const Participant*> {};

TEST_P(FanOut, AnswersEveryQueryOnceWithAllThatItClaimsInFlight) {
  const Participant& model = *GetParam();
  const bool waits_for_one = model.name == "blocking" || model.name == "thread-pool";
  for (const Finding& finding : findings_about(model, cases(), deadline_ns)) {
    const bool skips = model.style == "process" || !model.eligible() ||
                       (waits_for_one && finding.which.cell.idle > 0);
    EXPECT_EQ(finding.verdict, skips ? Verdict::skipped : Verdict::passed)
        << case_name(finding.which) << ": " << finding.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, FanOut, testing::ValuesIn(of_each_kind_with({Role::model})),
                         [](const auto& info) { return test_name(info.param); });

TEST_P(FanOut, AsksAsMuchAtOnceAsALimitLetsIt) {
  std::vector<VerificationCase> cases;
  for (const std::size_t limit : {1, 3, 12}) {  // fewer than tasks, more than them
    cases.push_back({tasks_of(4, 32)});
    cases.back().cell.limit = limit;
  }
  const Participant& model = *GetParam();
  for (const Finding& finding : findings_about(model, cases, deadline_ns)) {
    const bool skips = model.style == "process" || model.style == "thread" || !model.eligible();
    EXPECT_EQ(finding.verdict, skips ? Verdict::skipped : Verdict::passed)
        << case_name(finding.which) << ": " << finding.reason;
  }
}

TEST(FanOut, EndsTheTrialWithItsReasonWhenOneOfItsQueriesFails) {
  const std::vector<Finding> findings =
      findings_about(participant_named("control-loses-reply"), {{tasks_of(8, 32)}}, deadline_ns);
  EXPECT_EQ(findings.at(0).verdict, Verdict::failed);
  EXPECT_NE(findings[0].reason.find("read: Connection reset by peer"), std::string::npos)
      << findings[0].reason;
}

TEST(FanOut, IsHeldToWhatItClaimsAsAnybodyElse) {
  const std::vector<Finding> findings =
      findings_about(participant_named("control-serial"), {{tasks_of(8, 32)}}, 2 * ns_per_s);
  EXPECT_EQ(findings.at(0).verdict, Verdict::failed);
  EXPECT_EQ(findings[0].reason, "1 of 32 queries in flight at the deadline");
}

TEST(FanOut, IsAskedInWholesHoweverFewQueriesATurnHas) {
  Stage stage({.placement = plan_placement(available_cpus()), .deadline_ns = deadline_ns});
  TrialOrder order;
  order.cell = tasks_of(4, 16);
  RunningTrial& trial = stage.start(participant_named("coroutine-epoll"), order, 1000);
  for (const std::uint64_t queries : {4, 12, 16, 20, 4, 160}) {
    Latency latency;
    EXPECT_EQ(stage.take_turn(trial, queries, &latency).queries, queries);
    EXPECT_EQ(latency.corrected_ns.total(), queries - std::min<std::uint64_t>(queries, 16))
        << "those that were asked before have waited for the gate";
    EXPECT_EQ(latency.fan_out_ns.total(), latency.corrected_ns.total() / 4);
    EXPECT_EQ(latency.fan_out_ns.max(), latency.corrected_ns.max()) << "the last ends it";
  }
  stage.finish(trial);
}

TEST(FanOut, OfALimitIsAskedInWholesToo) {
  Stage stage({.placement = plan_placement(available_cpus()), .deadline_ns = deadline_ns});
  TrialOrder order;
  order.cell = tasks_of(4, 16);
  order.cell.limit = 6;
  RunningTrial& trial = stage.start(participant_named("callback-epoll"), order, 1000);
  for (const std::uint64_t queries : {4, 12, 16, 20, 4, 160}) {
    const Turn turn = stage.take_turn(trial, queries, nullptr);
    EXPECT_EQ(turn.queries, queries);
    EXPECT_EQ(turn.in_flight_peak_backend, 6U);
  }
  stage.finish(trial);
}

}  // namespace
}  // namespace waitbench
