// The auditor: which queries were answered, and how many were under way at once.
#include "harness/stage/auditor.hpp"

#include <gtest/gtest.h>

namespace waitbench {
namespace {

class AuditorTest : public testing::Test {
 protected:
  std::uint64_t ask() { return ledger_.begin(0, 1, 1); }
  void answer(std::uint64_t id) { ++ledger_.record(id).answers; }
  std::vector<std::uint64_t> collect() {
    std::vector<std::uint64_t> ids;
    const std::size_t said =
        auditor_.collect(ledger_, [&](const LedgerRecord& record) { ids.push_back(record.id); });
    EXPECT_EQ(said, ids.size());
    return ids;
  }

  Ledger ledger_ = Ledger::create(64);
  Auditor auditor_;
};

using Ids = std::vector<std::uint64_t>;

TEST_F(AuditorTest, VisitsEachAnsweredQueryOnce) {
  for (int i = 0; i < 4; ++i) ask();
  answer(1);
  answer(3);
  EXPECT_EQ(collect(), (Ids{1, 3}));
  EXPECT_EQ(collect(), Ids{});
  answer(4);
  EXPECT_EQ(collect(), (Ids{4}));
  EXPECT_EQ(auditor_.open(), (Ids{2}));
}

TEST_F(AuditorTest, KeepsTrackOverManyTurnsOfAFullLedger) {
  for (int turn = 0; turn < 100; ++turn) {
    Ids asked;
    for (int i = 0; i < 40; ++i) asked.push_back(ask());
    for (const std::uint64_t id : asked) answer(id);
    ASSERT_EQ(collect(), asked);
  }
  EXPECT_TRUE(auditor_.open().empty());
  EXPECT_FALSE(ledger_.failed());
}

TEST_F(AuditorTest, CountsTheClientsThatWereAnswered) {
  for (const std::uint32_t client : {3, 0, 3, 5}) ledger_.begin(client, 1, 1);
  for (const std::uint64_t id : {1, 2, 3}) answer(id);
  collect();
  EXPECT_EQ(auditor_.clients(), 2U) << "the last one waits for its answer";
  answer(4);
  collect();
  EXPECT_EQ(auditor_.clients(), 3U);
}

TEST_F(AuditorTest, FailsAQueryThatWasAnsweredTwice) {
  ask();
  answer(1);
  answer(1);
  collect();
  EXPECT_EQ(ledger_.failure(), "a query was answered more than once");
}

TEST_F(AuditorTest, VisitsWhatWasCancelled) {
  ask();
  ask();
  ledger_.record(2).cancelled = Cancelled::after_sent;
  EXPECT_EQ(collect(), (Ids{2}));
  EXPECT_EQ(auditor_.open(), (Ids{1}));
  EXPECT_FALSE(ledger_.failed());
}

TEST_F(AuditorTest, FailsAQueryThatWasCancelledAndAnswered) {
  ask();
  ledger_.record(1).cancelled = Cancelled::after_sent;
  answer(1);
  collect();
  EXPECT_EQ(ledger_.failure(), "a query that was cancelled was answered");
}

TEST_F(AuditorTest, LeavesAQueryOpenWhoseRecordWasTakenByAnother) {
  ask();
  answer(1);
  for (int i = 0; i < 64; ++i) answer(ask());  // the last one takes the first one's place
  collect();
  EXPECT_EQ(auditor_.open(), (Ids{1}));
}

TEST(InFlight, IsTheSumOfTimesOverTheWindow) {
  InFlight in_flight(1000, 2000);
  in_flight.add(1000, 2000);  // all of it
  in_flight.add(1500, 1750);  // a quarter
  in_flight.add(500, 1250);   // began before
  in_flight.add(1900, 2500);  // ends after
  in_flight.add(1600, 0);     // is still under way
  EXPECT_DOUBLE_EQ(in_flight.mean(), 1 + 0.25 + 0.25 + 0.1 + 0.4);
}

TEST(InFlight, LeavesOutWhatLiesOutside) {
  InFlight in_flight(1000, 2000);
  in_flight.add(0, 999);
  in_flight.add(2001, 3000);
  in_flight.add(2500, 0);
  EXPECT_EQ(in_flight.mean(), 0);
}

TEST(InFlight, IsNothingInAnEmptyWindow) {
  InFlight in_flight(1000, 1000);
  in_flight.add(0, 5000);
  EXPECT_EQ(in_flight.mean(), 0);
}

}  // namespace
}  // namespace waitbench
