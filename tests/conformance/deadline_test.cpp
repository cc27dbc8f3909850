// Every model cancels the queries whose time is up, and no others, and has as many in flight as it
// claims meanwhile. Those that do not, or say that they did, are found out.
#include <gtest/gtest.h>

#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

constexpr std::int64_t deadline_ns = 30 * ns_per_s;  // a bound, not a measure
constexpr std::uint32_t soon_us = 2000;

Cell that_cancels(double delay_us, std::uint32_t deadline_us,
                  DelayShape shape = DelayShape::constant) {
  return {.transport = Transport::unix,
          .in_flight = 16,
          .delay_us = delay_us,
          .delay_shape = shape,
          .reply_bytes = 64,
          .deadline_us = deadline_us};
}

const Cell always = that_cancels(20 * soon_us, soon_us);
const Cell sometimes = that_cancels(soon_us, soon_us, DelayShape::exponential);
const Cell never = that_cancels(200, longest_deadline_us);

std::vector<VerificationCase> cases() {
  std::vector<VerificationCase> all;
  for (const Cell& cell : {always, sometimes})
    for (const Transport transport : {Transport::tcp, Transport::unix})
      for (const Connections connections : {Connections::kept, Connections::fresh}) {
        all.push_back({cell});
        all.back().cell.transport = transport;
        all.back().cell.connections = connections;
      }
  all.push_back({never});
  all.push_back({sometimes, true});  // and in the middle of a reply
  for (const std::size_t workers : {1, 20}) {
    all.push_back({always});
    all.back().cell.workers = workers;
  }
  all.push_back({sometimes});
  all.back().cell.depth = 4;
  all.push_back({sometimes});
  all.back().cell.loops = 3;
  all.push_back({sometimes});
  all.back().cell.idle = 5;
  return all;
}

class DeadlineOf : public testing::TestWithParam<const Participant*> {};

TEST_P(DeadlineOf, EndsEveryQueryOnceWithAllThatItClaimsInFlight) {
  const Participant& model = *GetParam();
  const bool waits_for_one = model.name == "blocking" || model.name.ends_with("-pool");
  for (const Finding& finding : findings_about(model, cases(), deadline_ns)) {
    const bool skips = !model.eligible() || (waits_for_one && finding.which.cell.idle > 0);
    EXPECT_EQ(finding.verdict, skips ? Verdict::skipped : Verdict::passed)
        << case_name(finding.which) << ": " << finding.reason;
  }
}

// Queries that have no deadline in a turn: each client that has begun has asked one before.
std::size_t without_deadline(const Participant& model) {
  return model.name == "blocking" ? 1 : always.in_flight;
}

constexpr std::uint64_t queries = 80;

// What the second turn of a trial comes to.
Turn turn_in(const Cell& cell, const Participant& model, Latency& latency) {
  Stage stage({.placement = plan_placement(available_cpus()), .deadline_ns = deadline_ns});
  TrialOrder order;
  order.cell = cell;
  RunningTrial& trial = stage.start(model, order, 1000);
  stage.take_turn(trial, queries / 2, nullptr);
  const Turn turn = stage.take_turn(trial, queries, &latency);
  stage.finish(trial);
  EXPECT_EQ(turn.queries, queries);
  EXPECT_EQ(turn.in_flight_peak_backend, model.max_in_flight(cell));
  return turn;
}

TEST_P(DeadlineOf, CountsWhatItCancels) {
  const Participant& model = *GetParam();
  if (!model.eligible()) GTEST_SKIP() << model.eligible().reason;
  Latency answered, cancelled;
  const std::uint64_t with_deadline = queries - without_deadline(model);
  EXPECT_EQ(turn_in(never, model, answered).cancelled, 0U);
  EXPECT_EQ(answered.corrected_ns.total(), with_deadline);
  // On a busy machine some replies come before their client can look at the clock.
  EXPECT_GT(turn_in(always, model, cancelled).cancelled, with_deadline / 2);
  EXPECT_LT(cancelled.corrected_ns.total(), with_deadline / 2) << "what is cancelled has none";
}

INSTANTIATE_TEST_SUITE_P(Of, DeadlineOf, testing::ValuesIn(examined_with({Role::model})),
                         [](const auto& info) { return test_name(info.param); });

TEST(Deadline, OfAQueryThatIsAskedAnewCountsFromTheFirstAttempt) {
  Cell cell = sometimes;
  cell.delay_us = 2 * soon_us;
  Latency latency;
  const Turn turn = turn_in(cell, participant_named("callback-epoll"), latency);
  ASSERT_GT(turn.cancelled, 0U);
  EXPECT_GT(latency.corrected_ns.max(), soon_us * ns_per_us);
}

TEST(Deadline, OfAModelThatSaysThatItCancelledWhereNoneFires) {
  for (const char* name : {"control-deadline-early", "control-deadline-pretended"}) {
    const std::vector<Finding> findings =
        findings_about(participant_named(name), {{never}}, 2 * ns_per_s);
    EXPECT_EQ(findings.at(0).verdict, Verdict::failed) << name << ": " << findings[0].reason;
  }
}

}  // namespace
}  // namespace waitbench
