// What the gate knows of guests: how long their cycles take, what they must not do, and who waits.
#include <gtest/gtest.h>

#include "harness/backend/gate.hpp"
#include "tests/harness/gate_queries.hpp"

namespace waitbench::backend {
namespace {

TEST(GateOfGuests, TimesTheCyclesThatLieWhollyWithinATurnIfItIsAskedTo) {
  Gate gate;
  gate.watch(1, 0, true);
  gate.cycle(10, 20);
  EXPECT_EQ(gate.cycles_ns().total(), 0U) << "before the first turn";
  gate.open(5, {.clock_ns = 100});
  gate.cycle(0, 120);
  gate.cycle(90, 130);
  EXPECT_EQ(gate.cycles_ns().total(), 0U) << "begun before the turn";
  gate.cycle(120, 150);
  EXPECT_EQ(gate.cycles_ns().total(), 1U);
  EXPECT_EQ(gate.cycles_ns().max(), 30U);
  gate.open(5, {.clock_ns = 200});
  EXPECT_EQ(gate.cycles_ns().total(), 0U) << "another turn";
  gate.watch(1, 0);
  gate.open(5, {.clock_ns = 300});
  gate.cycle(310, 320);
  EXPECT_EQ(gate.cycles_ns().total(), 0U) << "not asked to";
}

TEST(GateOfGuests, ReportsTheFirstOffenceOfATrialOnce) {
  Gate gate;
  gate.note_offence(Offence::no_request);
  EXPECT_FALSE(gate.take_news()) << "nobody watches it";
  gate.watch(2, 0);
  EXPECT_FALSE(gate.take_news());
  gate.note_offence(Offence::asked_again);
  gate.note_offence(Offence::unread_reply);
  EXPECT_EQ(gate.take_news(), control::ReportKind::offence);
  EXPECT_EQ(gate.report(control::ReportKind::offence).offence, Offence::asked_again);
  EXPECT_FALSE(gate.take_news());
  gate.watch(2, 0);
  EXPECT_EQ(gate.report(control::ReportKind::held).offence, Offence::none) << "it is forgotten";
}

TEST(GateOfGuests, KnowsTheConnectionsThatWaitAtIt) {
  Gate gate;
  gate.watch(3, 0);
  hold(gate, 7, 3);
  EXPECT_EQ(gate.waiting_connections(), (Ids{7, 8, 9}));
}

}  // namespace
}  // namespace waitbench::backend
