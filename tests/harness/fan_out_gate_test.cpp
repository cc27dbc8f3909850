// The gate of a trial whose tasks ask several queries at once: it lets the queries of a task
// through together, in whatever order they arrive.
#include <gtest/gtest.h>

#include "tests/harness/gate_queries.hpp"

namespace waitbench::backend {
namespace {

// A trial with four in flight, in tasks of two: those of the ids 1 and 2, of 3 and 4 ...
class FanOutGate : public testing::Test {
 protected:
  void SetUp() override {
    gate_.watch(4, 0, false, true);
    for (const std::uint64_t id : {3, 1, 4, 2}) hold(gate_, id, 1);
    ASSERT_EQ(gate_.take_news(), control::ReportKind::held);
  }
  void answer(const std::vector<PendingReply>& queries) {
    for (const PendingReply& one : queries) gate_.answered(one, one.due_ns);
  }

  Gate gate_;
};

TEST_F(FanOutGate, LetsWholeFanOutsThroughHoweverTheyArrive) {
  answer(gate_.open(6, {.clock_ns = 10}));
  std::vector<PendingReply> through;
  for (const std::uint64_t id : {7, 6, 8, 5}) {
    PendingReply asked = query(id, 20, id);
    if (gate_.arrive(asked)) through.push_back(asked);
  }
  EXPECT_EQ(ids(through), (Ids{6, 5})) << "7 and 8 are of the next turn, though 7 came first";
  EXPECT_EQ(gate_.take_news(), std::nullopt) << "two are held, and two replies on their way";
  answer(through);
  hold(gate_, 9, 2);
  EXPECT_EQ(gate_.take_news(), control::ReportKind::held);
  EXPECT_EQ(gate_.report(control::ReportKind::held).answered, 6U);
}

TEST_F(FanOutGate, LetsThoseOfTheLowestIdsThroughWhereATurnHasFewerThanAreInFlight) {
  const std::vector<PendingReply> through = gate_.open(2, {.clock_ns = 10});
  EXPECT_EQ(ids(through), (Ids{1, 2}));
  answer(through);
  hold(gate_, 5, 2);
  EXPECT_EQ(gate_.take_news(), control::ReportKind::held);
  EXPECT_EQ(ids(gate_.open(4, {.clock_ns = 20})), (Ids{3, 4, 5, 6}));
}

TEST_F(FanOutGate, CountsAnewWhenTheTrialIsWatchedAgain) {
  answer(gate_.open(4, {.clock_ns = 10}));
  gate_.watch(2, 0, false, true);
  hold(gate_, 1, 2);
  EXPECT_EQ(ids(gate_.open(2, {.clock_ns = 30})), (Ids{1, 2}));
}

// As one in which queries are cancelled before they are sent.
TEST_F(FanOutGate, IsHeldWhenAllAreBeyondATurnOfWhichSomeNeverCame) {
  answer(gate_.open(8, {.clock_ns = 10}));
  PendingReply last = query(6, 25, 6);
  ASSERT_TRUE(gate_.arrive(last));  // 5, 7 and 8 never come
  answer({last});
  hold(gate_, 9, 3);
  EXPECT_EQ(gate_.take_news(), std::nullopt);
  hold(gate_, 12, 1);
  EXPECT_EQ(gate_.take_news(), control::ReportKind::held);
  const control::Report report = gate_.report(control::ReportKind::held);
  EXPECT_EQ(report.answered, 5U);
  EXPECT_EQ(report.exhausted_ns, 25) << "when the last that came had come";
  EXPECT_EQ(ids(gate_.open(4, {.clock_ns = 40})), (Ids{9, 10, 11, 12}));
}

}  // namespace
}  // namespace waitbench::backend
