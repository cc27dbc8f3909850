// A task that asks several delay queries at once, step by step.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "harness/workloads/query_conversations.hpp"
#include "tests/harness/scripted_replies.hpp"

namespace waitbench {
namespace {

constexpr std::size_t in_flight = 6;
constexpr std::size_t fan_out = 3;

class FanOutTasks : public testing::Test {
 protected:
  std::span<Conversation* const> tasks() { return conversations_.all(); }

  // The child asks its query and is answered; returns the id.
  static std::uint64_t converse(Conversation& child) {
    Step step = child.resume(0);
    if (step.kind == StepKind::connect) step = child.resume(0);
    wire::Request request;
    EXPECT_EQ(step.kind, StepKind::write);
    std::memcpy(&request, step.data(), sizeof request);
    step = child.resume(static_cast<Outcome>(step.size));
    const Bytes reply = reply_to(request);
    std::memcpy(step.data(), reply.data(), reply.size());
    EXPECT_EQ(child.resume(static_cast<Outcome>(reply.size())).kind, StepKind::done);
    return request.id;
  }

  static std::vector<std::uint64_t> converse_with_all(const Step& join) {
    std::vector<std::uint64_t> ids;
    for (Conversation* child : join.children()) ids.push_back(converse(*child));
    return ids;
  }

  ClientConfig config_{.cell = {.in_flight = in_flight, .reply_bytes = 24, .fan_out = fan_out}};
  Ledger ledger_ = Ledger::create(64);
  Address backend_;
  QueryConversations<DelayClient> conversations_{
      {.config = config_, .ledger = ledger_, .backend = backend_}, {}};
};

using Ids = std::vector<std::uint64_t>;

TEST_F(FanOutTasks, AreSoFewThatTheirChildrenAreWhatIsInFlight) {
  EXPECT_EQ(tasks().size(), in_flight / fan_out);
}

TEST_F(FanOutTasks, AskQueriesWhoseIdsFollowEachOther) {
  const Step first = tasks()[0]->resume(0), second = tasks()[1]->resume(0);
  ASSERT_EQ(first.kind, StepKind::join);
  EXPECT_EQ(converse_with_all(second), (Ids{4, 5, 6}));
  EXPECT_EQ(converse_with_all(first), (Ids{1, 2, 3}));
  EXPECT_EQ(converse_with_all(tasks()[0]->resume(0)), (Ids{7, 8, 9}));
  EXPECT_FALSE(ledger_.failed()) << ledger_.failure();
}

TEST_F(FanOutTasks, IntendTheirQueriesToBeginWhenTheyAskForThem) {
  const Step join = tasks()[0]->resume(0);
  converse_with_all(join);
  EXPECT_EQ(ledger_.record(1).intended_start_ns, ledger_.record(3).intended_start_ns);
  EXPECT_LE(ledger_.record(3).intended_start_ns, ledger_.record(1).start_ns);
  EXPECT_LE(ledger_.record(1).end_ns, ledger_.record(3).start_ns) << "it was asked after the first";
}

TEST_F(FanOutTasks, HaveTheirChildrenHangUpAtTheEnd) {
  converse_with_all(tasks()[0]->resume(0));
  ledger_.request_stop();
  const Step join = tasks()[0]->resume(0);
  ASSERT_EQ(join.kind, StepKind::join);
  for (Conversation* child : join.children()) {
    EXPECT_EQ(child->resume(0).kind, StepKind::close);
    EXPECT_EQ(child->resume(0).kind, StepKind::done);
  }
  EXPECT_EQ(tasks()[0]->resume(0).kind, StepKind::done);
}

TEST_F(FanOutTasks, AskNoMoreAfterAChildHasFailed) {
  Conversation& child = *tasks()[0]->resume(0).children()[1];
  EXPECT_EQ(child.resume(0).kind, StepKind::connect);
  EXPECT_EQ(child.resume(-ECONNREFUSED).kind, StepKind::close);
  EXPECT_EQ(child.resume(0).kind, StepKind::done);
  const Step join = tasks()[0]->resume(0);
  for (Conversation* each : join.children()) EXPECT_EQ(each->resume(0).kind, StepKind::done);
  EXPECT_EQ(tasks()[0]->resume(0).kind, StepKind::done);
  EXPECT_EQ(ledger_.failure(), "client 1, query 2: connect: Connection refused");
}

TEST_F(FanOutTasks, SayThatAModelCannotJoin) {
  tasks()[0]->resume(0);
  tasks()[0]->resume(-EINVAL);
  EXPECT_EQ(ledger_.failure(), "the model cannot join what a task has started: Invalid argument");
}

}  // namespace
}  // namespace waitbench
