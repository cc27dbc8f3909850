// What is found of a turn's deadlines: those that were kept, and those that were not.
#include "harness/stage/deadline_check.hpp"

#include <gtest/gtest.h>

#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::uint32_t deadline_us = 5000;
constexpr std::int64_t deadline_ns = deadline_us * ns_per_us;
constexpr std::int64_t opened_ns = ns_per_s;

class DeadlineCheckTest : public testing::Test {
 protected:
  void answer(std::uint64_t queries, std::int64_t delay_ns, std::int64_t start_ns = opened_ns) {
    for (std::uint64_t i = 0; i < queries; ++i)
      check_.add({.id = 7,
                  .start_ns = start_ns,
                  .end_ns = start_ns + delay_ns + 20,
                  .received_ns = start_ns + 10,
                  .due_ns = start_ns + 10 + delay_ns,
                  .answers = 1});
    replies_ += queries;
  }
  // `has_come`: the reply, to which nobody listened.
  void cancel(std::uint64_t queries, std::int64_t delay_ns, bool has_come = false,
              std::int64_t after_ns = deadline_ns) {
    for (std::uint64_t i = 0; i < queries; ++i)
      check_.add({.id = 7,
                  .start_ns = opened_ns,
                  .end_ns = opened_ns + after_ns,
                  .due_ns = delay_ns,
                  .cancelled = Cancelled::after_sent});
    replies_ += has_come ? queries : 0;
  }
  std::string objection() const { return check_.objection(replies_); }

  DeadlineCheck check_{deadline_us, opened_ns};
  std::uint64_t replies_ = 0;
};

TEST_F(DeadlineCheckTest, CountsHowQueriesEnded) {
  answer(3, 10);
  cancel(2, 2 * deadline_ns);
  check_.add({.end_ns = deadline_ns, .cancelled = Cancelled::before_sent});
  EXPECT_EQ(check_.answered(), 3U);
  EXPECT_EQ(check_.cancelled(), 3U);
  EXPECT_EQ(check_.cancelled_before_sent(), 1U);
  EXPECT_EQ(objection(), "");
}

TEST_F(DeadlineCheckTest, FindsWhatWasCancelledBeforeItsTime) {
  cancel(1, 2 * deadline_ns, false, deadline_ns - 1);
  EXPECT_EQ(objection(), "it cancelled query 7 after 4999 us, before its deadline of 5000 us");
}

TEST_F(DeadlineCheckTest, FindsWhoWaitsForLateReplies) {
  cancel(1, 3 * deadline_ns);
  answer(2, 3 * deadline_ns);
  EXPECT_EQ(objection(), "") << "one that was late itself may see both";
  answer(1, 3 * deadline_ns);
  EXPECT_NE(objection().find("it waited for 3 replies"), std::string::npos) << objection();
  cancel(3, 3 * deadline_ns);
  EXPECT_EQ(objection(), "") << "it does cancel";
}

TEST_F(DeadlineCheckTest, TakesNoOffenceAtRepliesNearTheDeadlineOrHeldByTheGate) {
  answer(100, deadline_ns + ns_per_ms);
  answer(100, 3 * deadline_ns, opened_ns - 1);
  EXPECT_EQ(objection(), "");
}

TEST_F(DeadlineCheckTest, FindsWhoCancelsWhatHasCome) {
  cancel(10, 3 * deadline_ns);
  cancel(30, deadline_ns / 4, true);
  EXPECT_EQ(objection(), "") << "three quarters";
  cancel(30, deadline_ns / 4, true);
  EXPECT_NE(objection().find("it cancelled 60 queries whose replies were due before half"),
            std::string::npos)
      << objection();
}

TEST_F(DeadlineCheckTest, TakesNoOffenceAtRepliesThatDidNotComeInTime) {
  cancel(50, deadline_ns / 4);
  EXPECT_EQ(objection(), "") << "the backend was late";
}

TEST_F(DeadlineCheckTest, TakesNoOffenceAtRepliesThatCameAsTheTimeWasUp) {
  cancel(50, deadline_ns, true);
  EXPECT_EQ(objection(), "");
}

TEST(DeadlineCheck, LetsNothingBeCancelledWhereThereIsNoDeadline) {
  DeadlineCheck check(0, opened_ns);
  check.add({.id = 1, .start_ns = 5, .end_ns = 500'000, .cancelled = Cancelled::after_sent});
  EXPECT_NE(check.objection(0), "");
}

}  // namespace
}  // namespace waitbench
