// Blocking calls that must not block for ever, and conversations that are held task by task.
#include "impls/kernel/blocking_channel.hpp"

#include <gtest/gtest.h>
#include <sys/time.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

namespace waitbench {
namespace {

// Somebody who listens and says nothing.
class SilentPeer {
 public:
  explicit SilentPeer(int backlog = 16)
      : address_(unix_address("waitbench-silent-" + std::to_string(getpid()))),
        listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    EXPECT_EQ(::bind(listener_.get(), address_.get(), address_.size), 0);
    EXPECT_EQ(::listen(listener_.get(), backlog), 0);
  }
  const Address& address() const { return address_; }
  Descriptor accept() const {
    return Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }

 private:
  Address address_;
  Descriptor listener_;
};

Step limited(Step step, std::uint32_t timeout_us) {
  step.timeout_us = timeout_us;
  return step;
}

constexpr std::uint32_t soon_us = 20'000;

TEST(BlockingChannel, GivesUpAReadWhenItsTimeIsUp) {
  const SilentPeer peer;
  BlockingChannel channel;
  ASSERT_EQ(channel.perform(Step::connect(peer.address())), 0);
  std::array<std::byte, 8> buffer;
  const Step read = limited(Step::read(buffer.data(), buffer.size()), soon_us);
  const std::int64_t before_ns = now_ns();
  EXPECT_EQ(channel.perform(read), -ETIMEDOUT);
  EXPECT_EQ(channel.perform(read), -ETIMEDOUT) << "the limit is each step's";
  EXPECT_GE(now_ns() - before_ns, 2 * soon_us * ns_per_us);
}

TEST(BlockingChannel, WaitsForALibrarysDescriptorAsLongAsItIsAllowed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const Descriptor ours(ends[0]), theirs(ends[1]);
  BlockingChannel channel;
  EXPECT_EQ(channel.perform(Step::ready(ours.get(), Direction::write)), 0);
  EXPECT_EQ(channel.perform(limited(Step::ready(ours.get(), Direction::read), soon_us)),
            -ETIMEDOUT);
  ASSERT_EQ(::send(theirs.get(), "x", 1, 0), 1);
  EXPECT_EQ(channel.perform(Step::ready(ours.get(), Direction::read)), 0);
  EXPECT_EQ(channel.perform(Step::forget()), 0);
}

TEST(BlockingChannel, GivesUpAWriteWhenItsTimeIsUp) {
  const SilentPeer peer;
  BlockingChannel channel;
  ASSERT_EQ(channel.perform(Step::connect(peer.address())), 0);
  std::vector<std::byte> chunk(1 << 20);
  const Step write = limited(Step::write(chunk.data(), chunk.size()), soon_us);
  Outcome outcome = 1;
  for (int i = 0; i < 1000 && outcome > 0; ++i) outcome = channel.perform(write);
  EXPECT_EQ(outcome, -ETIMEDOUT);
}

TEST(BlockingChannel, GivesUpAConnectWhenItsTimeIsUp) {
  const SilentPeer peer(0);  // one may queue, and nobody accepts it
  std::vector<BlockingChannel> channels(5);
  Outcome outcome = 0;
  for (std::size_t i = 0; i < channels.size() && outcome == 0; ++i)
    outcome = channels[i].perform(limited(Step::connect(peer.address()), soon_us));
  EXPECT_EQ(outcome, -ETIMEDOUT);
}

TEST(BlockingChannel, MovesBytesWithinTheirTimeAndWithoutALimitAfterThat) {
  const SilentPeer peer;
  BlockingChannel channel;
  ASSERT_EQ(channel.perform(limited(Step::connect(peer.address()), 9'000'000)), 0);
  const Descriptor theirs = peer.accept();
  std::array<std::byte, 8> buffer{};
  EXPECT_EQ(channel.perform(limited(Step::write(buffer.data(), 3), 9'000'000)), 3);
  ASSERT_EQ(::send(theirs.get(), "reply", 5, 0), 5);
  EXPECT_EQ(channel.perform(limited(Step::read(buffer.data(), 8), 9'000'000)), 5);
  EXPECT_EQ(channel.perform(limited(Step::read(buffer.data(), 8), 1)), -ETIMEDOUT);
  ASSERT_EQ(::send(theirs.get(), "more", 4, 0), 4);
  EXPECT_EQ(channel.perform(Step::read(buffer.data(), 8)), 4);
  EXPECT_EQ(channel.perform(Step::close()), 0);
  EXPECT_EQ(::recv(theirs.get(), buffer.data(), 8, 0), 3);
}

TEST(BlockingChannel, SleepsUntilTheDeadline) {
  BlockingChannel channel;
  const std::int64_t deadline_ns = now_ns() + 5 * ns_per_ms;
  EXPECT_EQ(channel.perform(Step::sleep(deadline_ns)), 0);
  EXPECT_GE(now_ns(), deadline_ns);
}

// Signals that interrupt this thread's calls, one each millisecond, while this lives.
class Interruptions {
 public:
  Interruptions() {
    struct sigaction action {};
    action.sa_handler = [](int) { count = count + 1; };  // and no SA_RESTART
    sigaction(SIGALRM, &action, &before_);
    const itimerval each_ms{.it_interval = {0, 1000}, .it_value = {0, 1000}};
    setitimer(ITIMER_REAL, &each_ms, nullptr);
  }
  ~Interruptions() {
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &before_, nullptr);
  }
  static inline volatile std::sig_atomic_t count = 0;

 private:
  struct sigaction before_ {};
};

TEST(BlockingChannel, IsNotEndedByASignal) {
  const SilentPeer peer;
  BlockingChannel channel;
  ASSERT_EQ(channel.perform(Step::connect(peer.address())), 0);
  Descriptor theirs = peer.accept();
  std::array<std::byte, 8> buffer;
  const std::int64_t deadline_ns = now_ns() + 20 * ns_per_ms;
  std::thread answering;
  {
    const Interruptions interruptions;
    EXPECT_EQ(channel.perform(Step::sleep(deadline_ns)), 0);
    EXPECT_GE(now_ns(), deadline_ns);
    answering = std::thread([&theirs] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      EXPECT_EQ(::send(theirs.get(), "late", 4, 0), 4);
    });
    const Step read = Step::read(buffer.data(), buffer.size());
    EXPECT_EQ(channel.perform(limited(read, 9'000'000)), 4);
  }
  answering.join();
  EXPECT_GT(Interruptions::count, 1);
}

// Sleeps three times for each of two tasks.
class TwoTasks : public Conversation {
 public:
  Step resume(Outcome) override {
    if (said_ == 6) return Step::done();
    Step step = Step::sleep(0);
    step.begins_task = said_++ % 3 == 0;
    return step;
  }
  int said() const { return said_; }

 private:
  int said_ = 0;
};

TEST(TaskRunner, PerformsTheStepsOfOneTaskAtATime) {
  TwoTasks conversation;
  TaskRunner runner(conversation, 1);
  EXPECT_EQ(conversation.said(), 1) << "it knows what it will do first";
  runner.perform_task();
  EXPECT_EQ(conversation.said(), 4) << "and stops before the second task";
  EXPECT_FALSE(runner.done());
  runner.perform_task();
  EXPECT_TRUE(runner.done());
}

}  // namespace
}  // namespace waitbench
