// What every engine must do when time passes: sleeps that end in order and not early, and deadlines
// after which a step is over for good.
#include <vector>

#include "harness/os/random.hpp"
#include "impls/engines/all.hpp"
#include "tests/impls/engine_bench.hpp"

namespace waitbench {
namespace {

constexpr std::uint32_t soon_us = 5000;

using Kinds = OverBoth<Engines>::Types;

template <class Kind>
class Deadlines : public Connected<Kind> {};
TYPED_TEST_SUITE(Deadlines, Kinds);

TYPED_TEST(Deadlines, EndAReadThatNobodyAnswers) {
  const std::int64_t before = now_ns();
  EXPECT_EQ(this->bench_->finish(this->channel_, this->reading(8, soon_us)), -ETIMEDOUT);
  EXPECT_GE(now_ns(), before + soon_us * ns_per_us);
}

TYPED_TEST(Deadlines, LeaveTheBufferAloneAfterwards) {
  EXPECT_EQ(this->bench_->finish(this->channel_, this->reading(8, soon_us)), -ETIMEDOUT);
  ::send(this->theirs_.get(), "too late", 8, MSG_NOSIGNAL);
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, 2 * ns_per_ms));
  EXPECT_EQ(this->room_[0], std::byte{0});
  this->close();
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
}

TYPED_TEST(Deadlines, EndAWriteThatNobodyReads) {
  this->fill(20'000);  // each write that goes out takes its deadline with it; the last is under way
  EXPECT_EQ(this->bench_->await(this->channel_), -ETIMEDOUT);
  for (int i = 0; i < 3; ++i) {  // room again
    char sink[1 << 16];
    ::recv(this->theirs_.get(), sink, sizeof sink, MSG_DONTWAIT);
    EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
  }
  this->close();
}

TYPED_TEST(Deadlines, EndAConnectThatNobodyAccepts) {
  Peer busy(TypeParam::over_tcp, 0);
  busy.fill_queue();
  typename TestFixture::Channel channel;
  Step step = Step::connect(busy.address());
  step.timeout_us = soon_us;
  const std::int64_t before = now_ns();
  EXPECT_EQ(this->bench_->finish(channel, step), -ETIMEDOUT);
  EXPECT_GE(now_ns(), before + soon_us * ns_per_us);
  EXPECT_FALSE(this->bench_->outcome_within(channel, 2 * ns_per_ms));
  EXPECT_EQ(this->bench_->finish(channel, Step::close()), 0);
  EXPECT_EQ(this->bench_->finish(channel, Step::connect(this->peer_.address())), 0);
}

TYPED_TEST(Deadlines, LetOthersGoOnMeanwhile) {
  Peer busy(TypeParam::over_tcp, 0);
  busy.fill_queue();
  typename TestFixture::Channel stuck;
  Step step = Step::connect(busy.address());
  step.timeout_us = 9'000'000;
  EXPECT_FALSE(this->bench_->start(stuck, step));
  this->they_send("hello");
  EXPECT_EQ(this->read(8), "hello");
  EXPECT_FALSE(this->bench_->outcome_within(stuck, ns_per_ms));
}

TYPED_TEST(Deadlines, AreForgottenWhenTheStepEndsInTime) {
  this->they_send("in time");
  EXPECT_EQ(this->heard(this->bench_->finish(this->channel_, this->reading(8, soon_us))),
            "in time");
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(8)));
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, 2 * soon_us * ns_per_us));
  this->they_send("at last");
  EXPECT_EQ(this->heard(this->bench_->await(this->channel_)), "at last");
}

TYPED_TEST(Deadlines, EndTheirOwnStepsAndNoOthers) {
  constexpr std::size_t many = 50;
  Peer peer(TypeParam::over_tcp, many);
  Random random(1);
  std::vector<typename TestFixture::Channel> channels(many);
  std::vector<Descriptor> theirs;
  std::vector<std::byte> room(many);
  for (std::size_t i = 0; i < many; ++i) {
    ASSERT_EQ(this->bench_->finish(channels[i], Step::connect(peer.address())), 0);
    theirs.push_back(peer.accept());
  }
  for (std::size_t i = 0; i < many; ++i) {
    Step step = Step::read(&room[i], 1);
    step.timeout_us = (1000 + random.next() % 20'000) & 0xffff;
    EXPECT_FALSE(this->bench_->start(channels[i], step));
    if (i % 2 == 0) {
      ASSERT_EQ(::send(theirs[i].get(), "x", 1, 0), 1);
    }
  }
  std::vector<Outcome> outcomes(many, 1000);
  for (std::size_t left = many; left > 0 && !testing::Test::HasFailure();)
    this->bench_->wait([&](typename TestFixture::Channel& channel, Outcome outcome) {
      const auto i = static_cast<std::size_t>(&channel - channels.data());
      ASSERT_LT(i, many) << "the guard: they do not end";
      EXPECT_EQ(outcomes[i], 1000) << "it ended twice";
      outcomes[i] = outcome;
      --left;
    });
  for (std::size_t i = 1; i < many; i += 2) EXPECT_EQ(outcomes[i], -ETIMEDOUT);
}

using Once = OverUnix<Engines>::Types;

template <class Kind>
class UnixDeadlines : public Connected<Kind> {};
TYPED_TEST_SUITE(UnixDeadlines, Once);

// Over TCP that would take the second after which it asks again.
TYPED_TEST(UnixDeadlines, DoNotStopAConnectThatIsAcceptedLater) {
  Peer busy(false, 0);
  busy.fill_queue();
  typename TestFixture::Channel channel;
  Step step = Step::connect(busy.address());
  step.timeout_us = 9'000'000;
  EXPECT_FALSE(this->bench_->start(channel, step));
  EXPECT_FALSE(this->bench_->outcome_within(channel, 3 * ns_per_ms));
  EXPECT_TRUE(busy.accept());
  EXPECT_EQ(this->bench_->await(channel), 0);
}

template <class Kind>
class Sleeps : public Connected<Kind> {};
TYPED_TEST_SUITE(Sleeps, Once);

TYPED_TEST(Sleeps, EndInTheOrderOfTheirDeadlinesAndNotBeforeThem) {
  Random random(1);
  constexpr std::size_t timers = 10'000;
  std::vector<typename TestFixture::Channel> channels(timers);
  std::vector<std::int64_t> deadline_ns(timers);
  for (std::size_t i = 0; i < timers; ++i) {
    deadline_ns[i] = now_ns() + static_cast<std::int64_t>(random.next() % (20 * ns_per_ms));
    EXPECT_FALSE(this->bench_->start(channels[i], Step::sleep(deadline_ns[i])));
  }
  std::vector<int> ended(timers, 0);
  std::int64_t last_ns = 0;
  for (std::size_t left = timers; left > 0 && !testing::Test::HasFailure();)
    this->bench_->wait([&](typename TestFixture::Channel& channel, Outcome outcome) {
      const auto i = static_cast<std::size_t>(&channel - channels.data());
      ASSERT_LT(i, timers) << "the guard: they do not end";
      EXPECT_EQ(outcome, 0);
      EXPECT_LE(deadline_ns[i], now_ns());
      EXPECT_GE(deadline_ns[i], last_ns);
      last_ns = deadline_ns[i];
      --left;
      ++ended[i];
    });
  EXPECT_EQ(ended, std::vector<int>(timers, 1));
}

TYPED_TEST(Sleeps, ThatAreOverAlreadyEndAtTheNextWait) {
  typename TestFixture::Channel channel;
  EXPECT_EQ(this->bench_->finish(channel, Step::sleep(0)), 0);
  EXPECT_EQ(this->bench_->finish(channel, Step::sleep(now_ns() - 1)), 0);
}

TYPED_TEST(Sleeps, EndWhileOthersWaitForAPeerThatIsSilent) {
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(8)));
  typename TestFixture::Channel channel;
  EXPECT_EQ(this->bench_->finish(channel, Step::sleep(0)), 0);
  EXPECT_EQ(this->bench_->finish(channel, Step::sleep(now_ns() + ns_per_ms)), 0);
}

TYPED_TEST(Sleeps, MayBeginAnewFromTheirOwnEnd) {
  typename TestFixture::Channel channel;
  this->bench_->start(channel, Step::sleep(now_ns()));
  int ended = 0;
  while (ended < 100 && !testing::Test::HasFailure())
    this->bench_->wait([&](typename TestFixture::Channel& whose, Outcome) {
      ASSERT_EQ(&whose, &channel);
      ++ended;
      this->bench_->start(channel, Step::sleep(now_ns() + ns_per_us));
    });
  EXPECT_EQ(ended, 100);
}

TYPED_TEST(Sleeps, DoNotKeepTheLoopFromItsSocketsHoweverShortTheyAre) {
  typename TestFixture::Channel restless;
  this->bench_->start(restless, Step::sleep(0));
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(8)));
  this->they_send("heard");
  std::optional<Outcome> outcome;
  for (int waits = 0; waits < 1000 && !outcome; ++waits)
    this->bench_->wait([&](typename TestFixture::Channel& whose, Outcome how) {
      if (&whose == &restless) this->bench_->start(restless, Step::sleep(0));
      if (&whose == &this->channel_) outcome = how;
    });
  EXPECT_EQ(outcome, 5);
}

}  // namespace
}  // namespace waitbench
