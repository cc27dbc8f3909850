// What every engine must do, whatever it waits with: the same steps with the same outcomes.
#include <string>
#include <thread>
#include <vector>

#include "harness/os/random.hpp"
#include "impls/engines/all.hpp"
#include "tests/impls/engine_bench.hpp"

namespace waitbench {
namespace {

using Kinds = OverBoth<Engines>::Types;

struct Names {
  template <class Kind>
  static std::string GetName(int) {
    return std::string(Kind::Engine::name) + (Kind::over_tcp ? "_over_tcp" : "_over_unix");
  }
};

template <class Kind>
class EveryEngine : public Connected<Kind> {};
TYPED_TEST_SUITE(EveryEngine, Kinds, Names);

TYPED_TEST(EveryEngine, WritesWhatThePeerThenReads) {
  std::string text = "a question";
  const auto step = Step::write(reinterpret_cast<std::byte*>(text.data()), text.size());
  EXPECT_EQ(this->bench_->finish(this->channel_, step), 10);
  EXPECT_EQ(this->they_receive(), text);
}

TYPED_TEST(EveryEngine, ReadsWhatComesLater) {
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(8)));
  this->they_send("later");
  EXPECT_EQ(this->heard(this->bench_->await(this->channel_)), "later");
}

TYPED_TEST(EveryEngine, ReadsWhatCameWhileNobodyWaited) {
  this->they_send("early");
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
  EXPECT_EQ(this->read(8), "early");
}

TYPED_TEST(EveryEngine, ReadsWhatCameWhileNobodyWaitedAfterARead) {
  this->they_send("one");
  EXPECT_EQ(this->read(8), "one");
  for (const std::string text : {"two", "three"}) {
    this->they_send(text);
    EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
    EXPECT_EQ(this->read(8), text);
  }
}

TYPED_TEST(EveryEngine, ReadsOnAfterAReadThatFilledItsBuffer) {
  this->they_send("abcdefghij");
  EXPECT_EQ(this->read(4), "abcd");
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
  EXPECT_EQ(this->read(4), "efgh");
  EXPECT_EQ(this->read(4), "ij");
}

TYPED_TEST(EveryEngine, WaitsAgainAfterAnExactFit) {
  this->they_send("abcd");
  EXPECT_EQ(this->read(4), "abcd");
  std::optional<Outcome> early = this->bench_->start(this->channel_, this->reading(4));
  EXPECT_FALSE(early);
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
  this->they_send("ef");
  EXPECT_EQ(this->heard(this->bench_->await(this->channel_)), "ef");
}

TYPED_TEST(EveryEngine, ReadsAllThatWasSentBeforeTheHangUpAndThenItsEnd) {
  for (const bool seen_before : {false, true}) {
    this->they_send("last words");
    this->theirs_.reset();
    if (seen_before) {
      EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
    }
    EXPECT_EQ(this->read(4), "last");
    EXPECT_EQ(this->read(64), " words");
    EXPECT_EQ(this->read(64), "");
    EXPECT_EQ(this->read(64), "") << "and it stays so";
    this->close();
    this->connect();
  }
}

TYPED_TEST(EveryEngine, NoticesAHangUpWhileItWaits) {
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(4)));
  this->theirs_.reset();
  EXPECT_EQ(this->bench_->await(this->channel_), 0);
}

TYPED_TEST(EveryEngine, NoticesAHangUpThatCameWhileNobodyWaited) {
  this->they_send("x");
  EXPECT_EQ(this->read(4), "x");
  this->theirs_.reset();
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
  EXPECT_EQ(this->read(4), "");
}

TYPED_TEST(EveryEngine, FailsToWriteToWhoHasHungUpAndIsNotKilledByIt) {
  this->theirs_.reset();
  Outcome outcome = 1;
  for (int i = 0; i < 3 && outcome > 0; ++i)
    outcome = this->bench_->finish(this->channel_, Step::write(this->chunk_.data(), 1));
  EXPECT_TRUE(outcome == -EPIPE || outcome == -ECONNRESET) << outcome;
}

TYPED_TEST(EveryEngine, WaitsUntilAFullSocketTakesMore) {
  std::size_t sent = this->fill();
  std::size_t received = 0;
  std::optional<Outcome> outcome;
  for (int i = 0; i < 1000 && !outcome; ++i) {
    received += this->they_receive().size();
    outcome = this->bench_->outcome_within(this->channel_, ns_per_ms / 10);
  }
  ASSERT_TRUE(outcome);
  ASSERT_GT(*outcome, 0);
  sent += static_cast<std::size_t>(*outcome);
  for (int i = 0; i < 10'000 && received < sent; ++i) received += this->they_receive().size();
  EXPECT_EQ(received, sent);
}

TYPED_TEST(EveryEngine, ReadsAfterItHadToWaitToWrite) {
  this->fill();
  this->they_send("meanwhile");
  std::optional<Outcome> outcome;
  for (int i = 0; i < 1000 && !outcome; ++i) {
    this->they_receive();
    outcome = this->bench_->outcome_within(this->channel_, ns_per_ms / 10);
  }
  ASSERT_TRUE(outcome);
  EXPECT_EQ(this->read(64), "meanwhile");
}

TYPED_TEST(EveryEngine, ConnectsAgainAfterAClose) {
  for (int i = 0; i < 3; ++i) {
    this->they_send("hello, and more that nobody reads");
    EXPECT_EQ(this->read(5), "hello");
    this->close();
    this->connect();
  }
  EXPECT_FALSE(this->bench_->start(this->channel_, this->reading(4)))
      << "what the last connection had to say is not this one's";
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
  this->they_send("new");
  EXPECT_EQ(this->heard(this->bench_->await(this->channel_)), "new");
}

TYPED_TEST(EveryEngine, HangsUpWhenItCloses) {
  this->close();
  char byte;
  EXPECT_LE(::recv(this->theirs_.get(), &byte, 1, 0), 0);
}

TYPED_TEST(EveryEngine, SaysThatNobodyListens) {
  const Address address = Peer(TypeParam::over_tcp).address();
  typename TestFixture::Channel channel;
  EXPECT_EQ(this->bench_->finish(channel, Step::connect(address)), -ECONNREFUSED);
  EXPECT_EQ(this->bench_->finish(channel, Step::close()), 0);
  EXPECT_EQ(this->bench_->finish(channel, Step::connect(this->peer_.address())), 0);
}

TYPED_TEST(EveryEngine, ServesMoreConnectionsThanOneWaitReports) {
  constexpr std::size_t many = 300;
  Peer peer(TypeParam::over_tcp, many);
  std::vector<typename TestFixture::Channel> channels(many);
  std::vector<Descriptor> theirs;
  std::vector<std::byte> room(many);
  for (std::size_t i = 0; i < many; ++i) {
    ASSERT_EQ(this->bench_->finish(channels[i], Step::connect(peer.address())), 0);
    theirs.push_back(peer.accept());
  }
  for (std::size_t i = 0; i < many; ++i)
    EXPECT_FALSE(this->bench_->start(channels[i], Step::read(&room[i], 1)));
  for (std::size_t i = 0; i < many; ++i) {
    const auto byte = static_cast<char>(i);
    ASSERT_EQ(::send(theirs[i].get(), &byte, 1, 0), 1);
  }
  std::vector<int> ended(many, 0);
  for (std::size_t left = many; left > 0 && !testing::Test::HasFailure();)
    this->bench_->wait([&](typename TestFixture::Channel& channel, Outcome outcome) {
      const auto i = static_cast<std::size_t>(&channel - channels.data());
      ASSERT_LT(i, many) << "the guard: they do not end";
      EXPECT_EQ(outcome, 1);
      EXPECT_EQ(room[i], static_cast<std::byte>(i));
      ++ended[i];
      --left;
    });
  EXPECT_EQ(ended, std::vector<int>(many, 1));
}

TYPED_TEST(EveryEngine, MayBeUsedByAnotherThreadThanTheOneThatMadeIt) {
  Bench<typename TestFixture::Engine> bench;
  std::thread([&] {
    typename TestFixture::Channel channel;
    EXPECT_EQ(bench.finish(channel, Step::connect(this->peer_.address())), 0);
    const Descriptor theirs = this->peer_.accept();
    EXPECT_EQ(::send(theirs.get(), "hello", 5, 0), 5);
    EXPECT_EQ(this->heard(bench.finish(channel, this->reading(64))), "hello");
    EXPECT_EQ(bench.finish(channel, Step::close()), 0);
  }).join();
}

}  // namespace
}  // namespace waitbench
