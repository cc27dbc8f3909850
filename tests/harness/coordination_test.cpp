// What clients wait for each other for: when a conversation asks for a permit or the lock, when it
// gives them back, and that they hold between threads and between processes.
#include "harness/workloads/coordination.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "harness/workloads/query_conversations.hpp"
#include "impls/lib/children.hpp"
#include "impls/lib/threads.hpp"
#include "tests/harness/scripted_replies.hpp"

namespace waitbench {
namespace {

// Two clients of a loop, driven step by step.
class CoordinatedClients : public testing::Test {
 protected:
  explicit CoordinatedClients(Cell cell) : config_{.cell = cell} {}

  Conversation& client(std::size_t i) { return *conversations_.all()[i]; }

  // From the first write to the step after the reply.
  static Step converse(Conversation& client, Step step) {
    if (step.kind == StepKind::connect) step = client.resume(0);
    EXPECT_EQ(step.kind, StepKind::write);
    wire::Request request;
    std::memcpy(&request, step.data(), sizeof request);
    step = client.resume(static_cast<Outcome>(step.size));
    const Bytes reply = reply_to(request);
    std::memcpy(step.data(), reply.data(), reply.size());
    return client.resume(static_cast<Outcome>(reply.size()));
  }

  ClientConfig config_;
  Ledger ledger_ = Ledger::create(64);
  RunQueue run_queue_;
  Address address_;
  QueryConversations<DelayClient> conversations_{
      {.config = config_, .ledger = ledger_, .backend = address_, .run_queue = &run_queue_}, {}};
};

struct ClientsWithALimit : CoordinatedClients {
  ClientsWithALimit() : CoordinatedClients({.in_flight = 2, .reply_bytes = 24, .limit = 1}) {}
};

TEST_F(ClientsWithALimit, HoldAPermitFromBeforeTheyAskUntilTheyWereAnswered) {
  Waiter one, other;
  const Step first = client(0).resume(0), second = client(1).resume(0);
  ASSERT_EQ(first.kind, StepKind::acquire);
  EXPECT_TRUE(first.begins_task) << "a worker may turn to another conversation before it";
  EXPECT_TRUE(first.acquirable().acquire(one));
  EXPECT_FALSE(second.acquirable().acquire(other));
  const Step next = converse(client(0), client(0).resume(0));
  EXPECT_EQ(next.kind, StepKind::acquire) << "for its next query";
  EXPECT_EQ(run_queue_.take(), &other) << "it has given its permit back";
  EXPECT_FALSE(next.acquirable().acquire(one)) << "which belongs to the one who waited";
  EXPECT_EQ(client(1).resume(0).kind, StepKind::connect);
}

TEST_F(ClientsWithALimit, HaveTheirWaitInTheLatency) {
  const std::int64_t before_ns = now_ns();
  const Step acquire = client(0).resume(0);
  const std::int64_t issued_ns = now_ns();
  Waiter waiter;
  acquire.acquirable().acquire(waiter);
  while (now_ns() == issued_ns) continue;
  converse(client(0), client(0).resume(0));
  EXPECT_GE(ledger_.record(1).start_ns, before_ns);
  EXPECT_LE(ledger_.record(1).start_ns, issued_ns);
}

TEST_F(ClientsWithALimit, AskNoMoreIfTheTrialWasToStopWhileTheyWaited) {
  Waiter waiter;
  client(0).resume(0).acquirable().acquire(waiter);
  ledger_.request_stop();
  EXPECT_EQ(client(0).resume(0).kind, StepKind::done);
  EXPECT_TRUE(client(1).resume(0).kind == StepKind::done) << "it has not begun";
  EXPECT_EQ(ledger_.next_id(), 1U);
}

TEST_F(ClientsWithALimit, GiveThePermitBackWhenTheConnectionIsLost) {
  Waiter one, other;
  client(0).resume(0).acquirable().acquire(one);
  client(1).resume(0).acquirable().acquire(other);
  EXPECT_EQ(client(0).resume(0).kind, StepKind::connect);
  EXPECT_EQ(client(0).resume(-ECONNREFUSED).kind, StepKind::close);
  EXPECT_EQ(client(0).resume(0).kind, StepKind::done);
  EXPECT_EQ(run_queue_.take(), &other);
}

TEST_F(ClientsWithALimit, SayThatAModelCannotWait) {
  client(0).resume(0);
  EXPECT_EQ(client(0).resume(-EINVAL).kind, StepKind::close);
  EXPECT_EQ(client(0).resume(0).kind, StepKind::done);
  EXPECT_EQ(ledger_.failure(), "client 0, query 0: acquire: Invalid argument");
}

struct ClientsWithALock : CoordinatedClients {
  ClientsWithALock()
      : CoordinatedClients({.in_flight = 2, .reply_bytes = 24, .lock = LockUse::shared}) {}
};

TEST_F(ClientsWithALock, HoldItForTheWorkAfterTheReplyAndNotWhileTheyWaitForOne) {
  const Step ask = client(0).resume(0);
  EXPECT_EQ(ask.kind, StepKind::connect);
  const Step answered = converse(client(0), ask);
  ASSERT_EQ(answered.kind, StepKind::acquire);
  EXPECT_FALSE(answered.begins_task) << "the query is not over: a worker has to end it";
  EXPECT_EQ(ledger_.record(1).answers, 1U) << "the reply does not wait for the lock";
  Waiter one, other;
  EXPECT_TRUE(answered.acquirable().acquire(one));
  EXPECT_FALSE(answered.acquirable().acquire(other));
  EXPECT_EQ(client(0).resume(0).kind, StepKind::write) << "its next query";
  EXPECT_EQ(run_queue_.take(), &other) << "it has released it";
}

// What members of a trial of threads, or of processes, share.
struct Witness {
  std::atomic<int> inside, most_inside, mistakes;
  int counter;  // guarded by the lock
};

constexpr int members = 4, times = 2000;

template <class RunSideBySide>
void expect_to_hold(bool are_processes, RunSideBySide run_side_by_side) {
  const ClientConfig config{.cell = {.in_flight = members, .limit = 2, .lock = LockUse::shared}};
  Ledger ledger = Ledger::create(64);
  const Address address;
  Coordination shared({.config = config,
                       .ledger = ledger,
                       .backend = address,
                       .clients_are_processes = are_processes});
  const InSharedMemory<Witness> witness;
  run_side_by_side([&] {
    Waiter nobody;
    for (int time = 0; time < times; ++time) {
      if (!shared.limit->acquire(nobody)) ++(*witness).mistakes;
      const int inside = ++(*witness).inside;
      if (inside > (*witness).most_inside) (*witness).most_inside = inside;
      shared.lock->acquire(nobody);
      ++(*witness).counter;
      shared.lock->release();
      --(*witness).inside;
      shared.limit->release();
    }
  });
  EXPECT_EQ((*witness).counter, members * times) << "two held the lock at once";
  EXPECT_LE((*witness).most_inside, 2) << "more than had permits";
  EXPECT_EQ((*witness).mistakes, 0);
}

TEST(Coordination, HoldsBetweenThreads) {
  expect_to_hold(
      false, [](const auto& body) { run_in_threads(members, [&body](std::size_t) { body(); }); });
}

TEST(Coordination, HoldsBetweenProcesses) {
  expect_to_hold(true, [](const auto& body) {
    Children children;
    for (int i = 0; i < members; ++i) children.start(body);
    children.wait_for_all();
  });
}

}  // namespace
}  // namespace waitbench
