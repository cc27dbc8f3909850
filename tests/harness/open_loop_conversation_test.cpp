// The delay query in an open loop: it sleeps until its time, begins at once when that has passed,
// and rests at the gate when there is nothing to begin.
#include <gtest/gtest.h>

#include "impls/lib/clock.hpp"
#include "tests/harness/scripted_replies.hpp"

namespace waitbench {
namespace {

constexpr std::size_t everything = 1 << 20;
constexpr std::int64_t far_ns = 3600 * ns_per_s;  // too far for a slow test to get there

class OpenLoop : public testing::Test {
 protected:
  // Posts arrivals as far from now as is said, in a turn that is over in two hours.
  void post(std::vector<std::int64_t> offsets_ns) {
    now_ns_ = now_ns();
    table_.post(offsets_ns, now_ns_, now_ns_ + 2 * far_ns);
  }
  // The conversation's first rest, and the reply to it.
  void begin_and_rest() {
    talk_.begin();
    rest_ = talk_.take_request();
  }
  Step answer(const wire::Request& request) {
    return talk_.deliver(reply_to(request), {everything});
  }
  const LedgerRecord& record(std::uint64_t id) { return talk_.ledger().record(id); }

  Timetable table_ = Timetable::create(8);
  ScriptedTalk talk_{{.delay_us = 100, .reply_bytes = 24, .rate_qps = 1}, true, &table_};
  wire::Request rest_;
  std::int64_t now_ns_ = 0;
};

TEST_F(OpenLoop, BeginsWithARest) {
  begin_and_rest();
  EXPECT_EQ(rest_.flags, wire::rest_query);
  EXPECT_EQ(rest_.delay_ns, 0U);
  EXPECT_EQ(record(1).intended_start_ns, 0);
  EXPECT_GT(record(1).start_ns, 0);
}

TEST_F(OpenLoop, SleepsUntilAQueryIsDue) {
  begin_and_rest();
  post({far_ns});
  const Step sleep = answer(rest_);
  ASSERT_EQ(sleep.kind, StepKind::sleep);
  EXPECT_EQ(sleep.deadline_ns(), now_ns_ + far_ns);
  EXPECT_TRUE(sleep.begins_task) << "the sleep is a part of the task, not of the one before";
  const Step write = talk_.resume(0);
  ASSERT_EQ(write.kind, StepKind::write);
  EXPECT_FALSE(write.begins_task);
  const wire::Request request = talk_.take_request();
  EXPECT_EQ(request.flags, 0U);
  EXPECT_EQ(record(request.id).intended_start_ns, now_ns_ + far_ns);
  EXPECT_GT(record(request.id).start_ns, record(1).end_ns) << "the time when it woke";
}

TEST_F(OpenLoop, BeginsAtOnceWhatIsLateAndRemembersWhenItWasDue) {
  begin_and_rest();
  post({0, 0});
  ASSERT_EQ(answer(rest_).kind, StepKind::write);
  EXPECT_EQ(record(2).intended_start_ns, now_ns_);
  EXPECT_EQ(record(2).start_ns, record(1).end_ns);
  ASSERT_EQ(answer(talk_.take_request()).kind, StepKind::write);
  EXPECT_EQ(record(3).intended_start_ns, now_ns_);
  EXPECT_EQ(record(3).start_ns, record(2).end_ns);
}

TEST_F(OpenLoop, SleepsUntilTheEndOfTheTurnWhenAllIsTakenAndThenRests) {
  begin_and_rest();
  post({});
  const Step sleep = answer(rest_);
  ASSERT_EQ(sleep.kind, StepKind::sleep);
  EXPECT_EQ(sleep.deadline_ns(), table_.ends_ns());
  ASSERT_EQ(talk_.resume(0).kind, StepKind::write);
  EXPECT_EQ(talk_.take_request().flags, wire::rest_query);
}

TEST_F(OpenLoop, BeginsNoQueryWhenTheTurnIsOver) {
  begin_and_rest();
  table_.post(std::vector<std::int64_t>{0, 1}, 1000, 2000);  // long ago
  ASSERT_EQ(answer(rest_).kind, StepKind::write);
  EXPECT_EQ(talk_.take_request().flags, wire::rest_query);
}

TEST_F(OpenLoop, StopsInsteadOfSleeping) {
  begin_and_rest();
  post({far_ns});
  talk_.ledger().request_stop();
  EXPECT_EQ(answer(rest_).kind, StepKind::close);
  EXPECT_EQ(talk_.resume(0).kind, StepKind::done);
}

TEST(FreshOpenLoop, SleepsWithoutAConnection) {
  Timetable table = Timetable::create(8);
  ScriptedTalk talk({.connections = Connections::fresh, .rate_qps = 1}, true, &table);
  talk.begin();
  const wire::Request rest = talk.take_request();
  table.post(std::vector<std::int64_t>{far_ns}, now_ns(), now_ns() + 2 * far_ns);
  ASSERT_EQ(talk.deliver(reply_to(rest), {everything}).kind, StepKind::close);
  ASSERT_EQ(talk.resume(0).kind, StepKind::sleep);
  EXPECT_EQ(talk.resume(0).kind, StepKind::connect);
  EXPECT_EQ(talk.resume(0).kind, StepKind::write);
}

}  // namespace
}  // namespace waitbench
