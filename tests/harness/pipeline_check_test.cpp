// By its ledger, a trial has as many queries under way on each connection as it says, or not.
#include "harness/stage/pipeline_check.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace waitbench {
namespace {

constexpr std::size_t depth = 3;

// Clients 3, 4 and 5 share the second connection.
LedgerRecord query(std::uint32_t client, std::int64_t start_ns, std::int64_t end_ns) {
  return {.start_ns = start_ns, .end_ns = end_ns, .client = client};
}

std::string objection_to(std::initializer_list<LedgerRecord> queries) {
  PipelineCheck check({.workload = "postgres", .in_flight = 6, .pipeline = depth});
  for (const LedgerRecord& record : queries) check.add(record);
  return check.objection();
}

TEST(PipelineCheck, IsContentWhereAsManyWereUnderWay) {
  EXPECT_EQ(objection_to({query(3, 10, 40), query(4, 11, 50), query(5, 12, 60), query(3, 41, 70)}),
            "");
}

TEST(PipelineCheck, ObjectsWhereOneBeganOnlyWhenAnotherHadEnded) {
  EXPECT_EQ(objection_to({query(3, 10, 40), query(4, 11, 50), query(5, 40, 60), query(3, 50, 70)}),
            "a connection had 4 queries in a turn, and never 3 of them under way at once, as its "
            "pipeline should");
}

TEST(PipelineCheck, LooksAtEachConnectionByItself) {
  EXPECT_NE(objection_to({query(0, 10, 90), query(1, 11, 91), query(2, 12, 92), query(3, 20, 30),
                          query(4, 30, 40), query(5, 40, 50)}),
            "");
}

TEST(PipelineCheck, SaysNothingOfAConnectionThatHadFewerQueries) {
  EXPECT_EQ(objection_to({query(3, 10, 40), query(4, 41, 50)}), "");
}

TEST(PipelineCheck, LetsEachConnectionHaveOneRest) {
  const Cell cell = {.workload = "postgres", .in_flight = 9, .pipeline = depth};
  Ledger ledger = Ledger::create(64);
  std::vector<std::uint64_t> rests;
  for (const std::uint32_t client : {1, 3, 8}) rests.push_back(ledger.begin(client, 0, 10));
  EXPECT_EQ(objection_to_rests(cell, rests, ledger), "");
  EXPECT_EQ(objection_to_rests({.in_flight = 9}, rests, ledger), "");
  rests.push_back(ledger.begin(4, 0, 10));
  EXPECT_EQ(objection_to_rests(cell, rests, ledger),
            "several clients of one pipeline rest at once, where nothing can be behind a rest");
  EXPECT_EQ(objection_to_rests({.in_flight = 9}, rests, ledger), "");
}

TEST(PipelineCheck, SaysNothingWhereThereAreNoPipelines) {
  PipelineCheck check({.in_flight = 6});
  for (const std::int64_t start_ns : {10, 20, 30}) check.add(query(0, start_ns, start_ns + 5));
  EXPECT_EQ(check.objection(), "");
}

}  // namespace
}  // namespace waitbench
