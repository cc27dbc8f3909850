// A wait that fails is not ignored: the engine says so, or waits in another way.
#include <array>

#include "tests/impls/engine_bench.hpp"
#include "tests/impls/refused_calls.hpp"

namespace waitbench {
namespace {

template <class Kind>
class FailedWaitDeathTest : public Connected<Kind> {
 protected:
  void wait_once() {
    this->bench_->wait([](auto&, Outcome) { ADD_FAILURE() << "nothing has ended"; });
  }
};

// libuv itself ends the process.
using Kinds = testing::Types<Over<Select, false>, Over<Poll, false>, Over<Epoll, false>,
                             Over<IoUring, false>>;
TYPED_TEST_SUITE(FailedWaitDeathTest, Kinds);

TYPED_TEST(FailedWaitDeathTest, IsThrown) {
  EXPECT_EXIT(run_and_exit([this] {
                refuse_calls(calls_that_wait, EBADF);
                this->wait_once();
              }),
              testing::ExitedWithCode(0),
              "^(pselect|ppoll|epoll_pwait2|io_uring_enter): Bad file descriptor");
}

TYPED_TEST(FailedWaitDeathTest, IsNoneWhenASignalInterruptedIt) {
  EXPECT_EXIT(run_and_exit([this] {
                refuse_calls(calls_that_wait, EINTR);
                this->wait_once();
              }),
              testing::ExitedWithCode(0), "^it threw nothing");
}

// As a kernel before 5.11 answers, and a container's filter that does not know the call.
class WithoutPwait2DeathTest : public Connected<Over<Epoll, false>>,
                               public testing::WithParamInterface<int> {
 protected:
  template <class Body>
  void expect_same_without_pwait2(Body body) {
    EXPECT_EXIT(run_and_exit([&] {
                  refuse_calls({SYS_epoll_pwait2}, GetParam());
                  body();
                }),
                testing::ExitedWithCode(0), "^it threw nothing");
  }
};
INSTANTIATE_TEST_SUITE_P(Refused, WithoutPwait2DeathTest, testing::Values(ENOSYS, EPERM));

TEST_P(WithoutPwait2DeathTest, EpollReadsWhatComesLater) {
  expect_same_without_pwait2([this] {
    EXPECT_FALSE(bench_->start(channel_, reading(8)));
    they_send("later");
    EXPECT_EQ(heard(bench_->await(channel_)), "later");
  });
}

TEST_P(WithoutPwait2DeathTest, EpollReadsWhatComesLaterWithNoTimer) {
  expect_same_without_pwait2([this] {
    Epoll engine;
    Epoll::Channel channel;
    ASSERT_EQ(engine.start(channel, Step::connect(peer_.address())), 0);
    const Descriptor theirs = peer_.accept();
    EXPECT_FALSE(engine.start(channel, reading(8)));
    ASSERT_EQ(::send(theirs.get(), "later", 5, 0), 5);
    std::optional<Outcome> outcome;
    while (!outcome) engine.wait([&](Epoll::Channel&, Outcome how) { outcome = how; });
    EXPECT_EQ(heard(*outcome), "later");
  });
}

TEST_P(WithoutPwait2DeathTest, EpollSleepsUntilTheDeadline) {
  expect_same_without_pwait2([this] {
    Epoll::Channel sleeper;
    const std::int64_t deadline_ns = now_ns() + 1'500'000;
    EXPECT_EQ(bench_->finish(sleeper, Step::sleep(deadline_ns)), 0);
    EXPECT_GE(now_ns(), deadline_ns);
  });
}

TEST_P(WithoutPwait2DeathTest, EpollGivesUpAReadWhenItsTimeIsUp) {
  expect_same_without_pwait2(
      [this] { EXPECT_EQ(bench_->finish(channel_, reading(8, 1500)), -ETIMEDOUT); });
}

}  // namespace
}  // namespace waitbench
