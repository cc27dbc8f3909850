// What every engine must do when a step is taken back that nobody needs any more: it ends once,
// what has come meanwhile is not lost, and a connection on which one has read goes on as if nothing
// had been asked.
#include <array>
#include <vector>

#include "harness/os/random.hpp"
#include "impls/engines/all.hpp"
#include "tests/impls/engine_bench.hpp"

namespace waitbench {
namespace {

using Kinds = OverBoth<Engines>::Types;

template <class Kind>
class Cancel : public Connected<Kind> {
 protected:
  static_assert(CancellingEngine<typename Kind::Engine>);

  // How the step under way ends that is taken back.
  Outcome take_back(typename Connected<Kind>::Channel& channel) {
    const std::optional<Outcome> at_once = this->bench_->cancel(channel);
    return at_once ? *at_once : this->bench_->await(channel);
  }
  Outcome take_back() { return take_back(this->channel_); }
};
TYPED_TEST_SUITE(Cancel, Kinds);

TYPED_TEST(Cancel, OfAReadLeavesTheConnectionAsItWas) {
  for (int i = 0; i < 4; ++i) {  // a first read may be another operation than later ones
    EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(8)));
    EXPECT_FALSE(this->bench_->outcome_within(this->channel_, i * ns_per_ms / 2));
    EXPECT_EQ(this->take_back(), -ECANCELED);
    EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms)) << "it ends once";
    this->they_send("reply");
    EXPECT_EQ(this->read(8), "reply");
    EXPECT_EQ(this->bench_->finish(this->channel_, Step::write(this->chunk_.data(), 3)), 3);
    EXPECT_EQ(this->they_receive(), "xxx");
  }
}

TYPED_TEST(Cancel, LosesNothingThatComesMeanwhile) {
  for (int i = 0; i < 50 && !testing::Test::HasFailure(); ++i) {
    const std::string sent = "reply " + std::to_string(i);
    EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(16)));
    if (i % 2 == 0) this->they_send(sent);
    const Outcome outcome = this->take_back();
    if (i % 2 != 0) this->they_send(sent);
    EXPECT_EQ(outcome == -ECANCELED ? this->read(16) : this->heard(outcome), sent);
  }
}

TYPED_TEST(Cancel, LeavesTheBufferAlone) {
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(8)));
  EXPECT_EQ(this->take_back(), -ECANCELED);
  this->they_send("too late");
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, 2 * ns_per_ms));
  EXPECT_EQ(this->room_[0], std::byte{0});
}

TYPED_TEST(Cancel, TakesTheDeadlineAlong) {
  constexpr std::uint32_t soon_us = 3000;
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(8, soon_us)));
  EXPECT_EQ(this->take_back(), -ECANCELED);
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(8)));
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, 2 * soon_us * ns_per_us));
}

TYPED_TEST(Cancel, OfAConnectThatNobodyAcceptsLeavesItGoodForClosing) {
  Peer busy(TypeParam::over_tcp, 0);
  busy.fill_queue();
  typename TestFixture::Channel channel;
  EXPECT_FALSE(this->bench_->start(channel, Step::connect(busy.address())));
  EXPECT_FALSE(this->bench_->outcome_within(channel, ns_per_ms));
  EXPECT_EQ(this->take_back(channel), -ECANCELED);
  EXPECT_FALSE(this->bench_->outcome_within(channel, 2 * ns_per_ms));
  EXPECT_EQ(this->bench_->finish(channel, Step::close()), 0);
  EXPECT_EQ(this->bench_->finish(channel, Step::connect(this->peer_.address())), 0);
}

TYPED_TEST(Cancel, OfAWriteThatNobodyReadsLeavesItGoodForClosing) {
  this->fill();
  EXPECT_EQ(this->take_back(), -ECANCELED);
  this->close();
  this->connect();
  this->they_send("anew");
  EXPECT_EQ(this->read(8), "anew");
}

TYPED_TEST(Cancel, EndsASleepAndNoOther) {
  std::array<typename TestFixture::Channel, 3> channels;
  for (auto& channel : channels)
    EXPECT_FALSE(this->bench_->start(channel, Step::sleep(now_ns() + 2 * ns_per_ms)));
  EXPECT_EQ(this->take_back(channels[1]), -ECANCELED);
  EXPECT_EQ(this->bench_->await(channels[0]), 0);
  EXPECT_FALSE(this->bench_->outcome_within(channels[1], 4 * ns_per_ms));
}

TYPED_TEST(Cancel, OfAWaitForALibraryLeavesItsDescriptorAsItWas) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
  const Descriptor ours(ends[0]), theirs(ends[1]);
  typename TestFixture::Channel channel;
  const Step readable = Step::ready(ours.get(), Direction::read);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(this->bench_->start(channel, readable));
    EXPECT_FALSE(this->bench_->outcome_within(channel, i * ns_per_ms / 2));
    EXPECT_EQ(this->take_back(channel), -ECANCELED);
  }
  ASSERT_EQ(::send(theirs.get(), "x", 1, 0), 1);
  EXPECT_FALSE(this->bench_->outcome_within(channel, ns_per_ms)) << "nobody waits";
  EXPECT_EQ(this->bench_->finish(channel, readable), 0);
  EXPECT_EQ(this->bench_->finish(channel, Step::forget()), 0);
}

// As of those who lose a race: the first that ends takes the others back, some of which are done,
// too, in the same wait.
TYPED_TEST(Cancel, OfManyFromTheEndOfOneEndsEachOnce) {
  constexpr std::size_t many = 20;
  Peer peer(TypeParam::over_tcp, many);
  Random random(1);
  std::vector<typename TestFixture::Channel> channels(many);
  std::vector<Descriptor> theirs;
  std::vector<std::byte> room(many);
  for (auto& channel : channels) {
    ASSERT_EQ(this->bench_->finish(channel, Step::connect(peer.address())), 0);
    theirs.push_back(peer.accept());
  }
  for (int round = 0; round < 30 && !testing::Test::HasFailure(); ++round) {
    std::vector<int> ended(many, 0), sent(many, 0);
    for (std::size_t i = 0; i < many; ++i)
      EXPECT_FALSE(this->bench_->start(channels[i], Step::read(&room[i], 1)));
    sent[random.next() % many] = 1;
    for (int& to : sent) to |= static_cast<int>(random.next() % 4 == 0);
    for (std::size_t i = 0; i < many; ++i)
      if (sent[i] != 0) {
        ASSERT_EQ(::send(theirs[i].get(), "x", 1, 0), 1);
      }
    std::size_t left = many;
    const auto note = [&](std::size_t i, Outcome outcome) {
      EXPECT_EQ(++ended[i], 1);
      EXPECT_TRUE(outcome == 1 || outcome == -ECANCELED) << outcome;
      if (outcome == 1) sent[i] -= 1;
      EXPECT_GE(sent[i], 0) << "it read what nobody sent";
      --left;
    };
    const auto take_back_others = [&] {
      for (std::size_t i = 0; i < many; ++i)
        if (ended[i] == 0)
          if (const auto at_once = this->bench_->cancel(channels[i])) note(i, *at_once);
    };
    while (left > 0 && !testing::Test::HasFailure())
      this->bench_->wait([&](typename TestFixture::Channel& channel, Outcome outcome) {
        const auto i = static_cast<std::size_t>(&channel - channels.data());
        ASSERT_LT(i, many) << "the guard: they do not end";
        const bool is_first = left == many;
        note(i, outcome);
        if (is_first) take_back_others();
      });
    for (std::size_t i = 0; i < many; ++i)
      if (sent[i] != 0) {
        EXPECT_EQ(this->bench_->finish(channels[i], Step::read(&room[i], 1)), 1);
      }
  }
}

}  // namespace
}  // namespace waitbench
