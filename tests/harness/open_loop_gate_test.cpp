// The gate of an open loop: it holds nothing but rest queries.
#include <gtest/gtest.h>

#include "tests/harness/gate_queries.hpp"

namespace waitbench::backend {
namespace {

// What a client asks for when it has nothing to ask.
PendingReply rest(std::uint64_t id, std::int64_t received_ns, std::uint64_t connection = 1) {
  PendingReply asked = query(id, received_ns, connection);
  asked.delay_ns = 0;
  asked.is_rest = true;
  return asked;
}

TEST(OpenLoopGate, HoldsRestsUntilItRuns) {
  Gate gate;
  gate.watch(2, 0);
  EXPECT_FALSE(due_at(gate, rest(1, 10, 1)));
  EXPECT_FALSE(due_at(gate, rest(2, 10, 2)));
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
  const std::vector<PendingReply> through = gate.run(0, {.clock_ns = 50});
  EXPECT_EQ(ids(through), (Ids{1, 2}));
  EXPECT_EQ(through[0].due_ns, 50);
  EXPECT_EQ(gate.report(control::ReportKind::statistics).opened_ns, 50);
}

TEST(OpenLoopGate, LetsQueriesThroughForAsLongAsTheyCome) {
  Gate gate;
  gate.watch(1, 0);
  gate.run(0, {.clock_ns = 50});
  for (const std::int64_t now_ns : {60, 999, 1000, 5000}) {
    EXPECT_EQ(due_at(gate, query(1, now_ns)), now_ns + delay_ns);
    gate.answered(query(1), now_ns);
  }
  EXPECT_EQ(gate.take_news(), std::nullopt);
}

TEST(OpenLoopGate, HoldsEachRestThatComesAfterIt) {
  Gate gate;
  gate.watch(2, 0);
  gate.run(0, {.clock_ns = 50});
  EXPECT_FALSE(due_at(gate, rest(2, 51))) << "however late the order to run has come";
  EXPECT_TRUE(due_at(gate, query(3, 1001, 2))) << "one that is late, but of this turn";
  EXPECT_EQ(gate.take_news(), std::nullopt);
  gate.answered(query(3, 1001, 2), 1100);
  EXPECT_FALSE(due_at(gate, rest(4, 1200, 2)));
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
}

TEST(OpenLoopGate, LetsAsManyRestsThroughAsMayBeLate) {
  Gate gate;
  gate.watch(1, 0);
  gate.run(2, {.clock_ns = 50});
  for (const std::int64_t now_ns : {60, 70}) {
    EXPECT_EQ(due_at(gate, rest(1, now_ns)), now_ns);
    gate.answered(rest(1, now_ns), now_ns);
  }
  EXPECT_FALSE(due_at(gate, rest(2, 80)));
  EXPECT_EQ(gate.take_news(), control::ReportKind::held);
}

TEST(OpenLoopGate, IsNotRunUnlessWatched) {
  Gate gate;
  EXPECT_TRUE(gate.run(0, {.clock_ns = 5}).empty());
}

TEST(OpenLoopGate, GoesBackToABudgetWhenItIsOpened) {
  Gate gate;
  gate.watch(1, 0);
  gate.run(0, {.clock_ns = 50});
  gate.open(1, {.clock_ns = 2000});
  EXPECT_TRUE(due_at(gate, query(1, 2001)));
  gate.answered(query(1), 2002);
  EXPECT_FALSE(due_at(gate, query(2, 2003)));
}

}  // namespace
}  // namespace waitbench::backend
