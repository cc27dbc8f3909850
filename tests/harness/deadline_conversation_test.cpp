// A client whose queries have a deadline, driven by hand: what time its steps have, what becomes of
// a query that is cancelled, and which queries may be.
#include "harness/workloads/deadline_conversation.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "impls/lib/clock.hpp"
#include "tests/harness/scripted_replies.hpp"

namespace waitbench {
namespace {

constexpr std::uint32_t deadline_us = 9'000'000;
constexpr std::int64_t deadline_ns = deadline_us * ns_per_us;
constexpr std::size_t request_bytes = sizeof(wire::Request);

class DeadlineTest : public testing::Test {
 protected:
  Step resume(Outcome outcome) { return step_ = talk_->resume(outcome); }

  // From the beginning to the first write.
  void begin(Connections connections = Connections::kept) {
    config_.cell.connections = connections;
    talk_.emplace(config_, ledger_, 0, address_);
    EXPECT_EQ(resume(0).kind, StepKind::connect);
    EXPECT_EQ(resume(0).kind, StepKind::write);
  }
  wire::Request request() const {
    wire::Request request;
    EXPECT_EQ(step_.size, sizeof request);
    std::memcpy(&request, step_.data(), sizeof request);
    return request;
  }
  // The request goes out, and its reply comes.
  void be_answered() {
    const Bytes reply = reply_to(request());
    EXPECT_EQ(resume(request_bytes).kind, StepKind::read);
    std::memcpy(step_.data(), reply.data(), reply.size());
    resume(static_cast<Outcome>(reply.size()));
  }
  // Up to the write of the next query.
  void be_cancelled() {
    EXPECT_EQ(resume(-ETIMEDOUT).kind, StepKind::close);
    EXPECT_EQ(resume(0).kind, StepKind::connect);
    EXPECT_EQ(resume(0).kind, StepKind::write);
  }

  ClientConfig config_{.cell = {.delay_us = 20e6,
                                .delay_shape = DelayShape::constant,
                                .reply_bytes = 24,
                                .deadline_us = deadline_us},
                       .trial = 5};
  Ledger ledger_ = Ledger::create(64);
  Address address_;
  std::optional<DeadlineConversation<DelayClient>> talk_;
  Step step_;
};

TEST_F(DeadlineTest, IsNoneOfAQueryThatWaitsForTheNextTurn) {
  begin();
  EXPECT_EQ(step_.timeout_us, 0U);
  EXPECT_EQ(request().delay_ns, static_cast<std::uint64_t>(deadline_ns))
      << "it is under way as long as one that is cancelled";
  be_answered();
  EXPECT_EQ(step_.timeout_us, 0U);
}

TEST_F(DeadlineTest, IsOfTheWholeQuery) {
  ledger_.let_through(3);
  config_.cell.connections = Connections::fresh;
  talk_.emplace(config_, ledger_, 0, address_);
  EXPECT_EQ(resume(0).timeout_us, deadline_us);
  const std::int64_t start_ns = ledger_.record(1).start_ns;
  while (now_ns() < start_ns + ns_per_ms) continue;
  EXPECT_EQ(resume(0).kind, StepKind::write);
  EXPECT_LE(step_.timeout_us, deadline_us - 1000) << "the connect has had its part";
  EXPECT_EQ(request().delay_ns, 20'000'000'000U);
  EXPECT_EQ(resume(request_bytes).kind, StepKind::read);
  EXPECT_LE(step_.timeout_us, deadline_us - 1000);
}

TEST_F(DeadlineTest, ThatHasPassedLeavesAStepTheLeastTimeThereIs) {
  ledger_.let_through(1);
  config_.cell.deadline_us = 1;
  begin();
  while (now_ns() < ledger_.record(1).start_ns + ns_per_ms) continue;
  EXPECT_EQ(resume(request_bytes).timeout_us, 1U) << "0 would be for ever";
}

TEST_F(DeadlineTest, CancelsAQueryAndAsksAnewOverAFreshConnection) {
  ledger_.let_through(2);
  begin();
  EXPECT_EQ(resume(request_bytes).kind, StepKind::read);
  be_cancelled();
  const LedgerRecord& cancelled = ledger_.record(1);
  EXPECT_EQ(cancelled.cancelled, Cancelled::after_sent);
  EXPECT_EQ(cancelled.answers, 0U);
  EXPECT_EQ(cancelled.due_ns, 20'000'000'000);
  EXPECT_GE(cancelled.end_ns, cancelled.start_ns);
  EXPECT_EQ(request().id, 2U) << "the late reply to the first is not one to this";
  be_answered();
  EXPECT_EQ(ledger_.record(2).answers, 1U);
  EXPECT_EQ(ledger_.record(2).cancelled, Cancelled::no);
  EXPECT_EQ(step_.kind, StepKind::write) << "its connection is kept";
  EXPECT_FALSE(ledger_.failed()) << ledger_.failure();
}

TEST_F(DeadlineTest, OfAQueryThatWasNotSentIsToldApart) {
  ledger_.let_through(2);
  begin();
  resume(-ETIMEDOUT);
  EXPECT_EQ(ledger_.record(1).cancelled, Cancelled::before_sent);
}

TEST_F(DeadlineTest, LatencyCountsFromTheFirstAttemptUntilOneIsAnswered) {
  ledger_.let_through(5);
  begin();
  be_cancelled();
  be_cancelled();
  be_answered();
  be_answered();
  const std::int64_t first_ns = ledger_.record(1).start_ns;
  EXPECT_EQ(ledger_.record(1).intended_start_ns, first_ns);
  EXPECT_EQ(ledger_.record(2).intended_start_ns, first_ns);
  EXPECT_EQ(ledger_.record(3).intended_start_ns, first_ns);
  EXPECT_EQ(ledger_.record(3).start_ns, ledger_.record(2).end_ns);
  EXPECT_EQ(ledger_.record(4).intended_start_ns, ledger_.record(4).start_ns);
}

TEST_F(DeadlineTest, ThatNobodySetIsNoReasonToCancel) {
  begin();
  resume(request_bytes);
  EXPECT_EQ(resume(-ETIMEDOUT).kind, StepKind::close);
  EXPECT_TRUE(ledger_.failed()) << "TCP has given up, as it may";
  EXPECT_EQ(ledger_.record(1).cancelled, Cancelled::no);
}

TEST_F(DeadlineTest, EndsWithTheTrialAfterACancelledQuery) {
  ledger_.let_through(5);
  begin();
  ledger_.request_stop();
  EXPECT_EQ(resume(-ETIMEDOUT).kind, StepKind::close);
  EXPECT_EQ(resume(0).kind, StepKind::done);
}

}  // namespace
}  // namespace waitbench
