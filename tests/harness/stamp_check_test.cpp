// Stamps that cannot be true, one by one.
#include "harness/stage/stamp_check.hpp"

#include <gtest/gtest.h>

#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::int64_t far_future_ns = std::int64_t{1} << 62;

LedgerRecord answered() {
  LedgerRecord record;
  record.id = 3;
  record.start_ns = ns_per_s;
  record.received_ns = ns_per_s + 10;
  record.due_ns = ns_per_s + 1010;
  record.sent_ns = ns_per_s + 1020;
  record.end_ns = ns_per_s + 1100;
  record.answers = 1;
  return record;
}

std::string objection(const LedgerRecord& record, bool is_our_clock = true) {
  StampCheck check(is_our_clock);
  const bool is_accepted = check.accepts(record);
  EXPECT_EQ(is_accepted, check.objection().empty());
  return check.objection();
}

TEST(StampCheck, AcceptsStampsInOrder) {
  EXPECT_EQ(objection(answered()), "");
}

TEST(StampCheck, AcceptsARecordWithoutStamps) {
  LedgerRecord record = answered();
  record.received_ns = record.due_ns = record.sent_ns = 0;
  EXPECT_EQ(objection(record), "");
}

TEST(StampCheck, RefusesEachStampThatCannotBe) {
  for (const std::int64_t lie_ns : {std::int64_t{-1}, std::int64_t{1}, far_future_ns})
    for (std::int64_t LedgerRecord::*stamp :
         {&LedgerRecord::received_ns, &LedgerRecord::due_ns, &LedgerRecord::sent_ns}) {
      LedgerRecord record = answered();
      record.*stamp = lie_ns;
      EXPECT_TRUE(objection(record).starts_with("the backend stamped a reply as ")) << lie_ns;
    }
}

TEST(StampCheck, RefusesAReplyThatWasSentBeforeItWasDue) {
  LedgerRecord record = answered();
  record.sent_ns = record.due_ns - 1;
  EXPECT_NE(objection(record).find("sent before it was due"), std::string::npos);
}

TEST(StampCheck, RefusesAReplyThatWasSentAfterItArrived) {
  LedgerRecord record = answered();
  record.sent_ns = record.end_ns + 1;
  EXPECT_NE(objection(record), "");
  EXPECT_EQ(objection(record, false), "") << "another clock may be ahead";
}

TEST(StampCheck, AcceptsStampsOfAnotherClockThatSpanNoMoreThanTheQueryLasted) {
  LedgerRecord record = answered();
  for (std::int64_t* stamp : {&record.received_ns, &record.due_ns, &record.sent_ns})
    *stamp += 1000 * ns_per_s;
  EXPECT_EQ(objection(record, false), "");
  EXPECT_NE(objection(record, true), "");
  record.sent_ns += ns_per_s;
  EXPECT_NE(objection(record, false), "");
}

TEST(StampCheck, SaysWhatWasWrongFirst) {
  StampCheck check(true);
  LedgerRecord record = answered();
  record.sent_ns = record.due_ns - 1;
  EXPECT_FALSE(check.accepts(record));
  const std::string first = check.objection();
  record.received_ns = -1;
  EXPECT_FALSE(check.accepts(record));
  EXPECT_TRUE(check.accepts(answered()));
  EXPECT_EQ(check.objection(), first);
}

}  // namespace
}  // namespace waitbench
