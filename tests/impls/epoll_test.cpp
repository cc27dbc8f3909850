// What is special to the epoll engine: edges are seen once, so it remembers what they told of, and
// does not ask for those that nobody waits for. What all engines do is in engine_test.cpp.
#include "impls/engines/epoll.hpp"

#include "tests/impls/engine_bench.hpp"

namespace waitbench {
namespace {

template <class Kind>
class EpollTest : public Connected<Kind> {
 protected:
  // What a read gives that ends as it begins, since the engine knows that there is something.
  std::string read_at_once(std::size_t size) {
    const std::optional<Outcome> outcome = this->bench_->start(this->channel_, this->reading(size));
    return outcome ? this->heard(*outcome) : "it waits";
  }
  void let_edges_pass() { EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms)); }
};

using Kinds = testing::Types<Over<Epoll, false>, Over<Epoll, true>>;
TYPED_TEST_SUITE(EpollTest, Kinds, TransportNames);

TYPED_TEST(EpollTest, ReadsAtOnceWhatAnEdgeToldOfWhileNobodyWaited) {
  this->they_send("early");
  EXPECT_EQ(this->read_at_once(8), "it waits") << "no edge was seen yet";
  EXPECT_EQ(this->heard(this->bench_->await(this->channel_)), "early");
  this->they_send("again");
  this->let_edges_pass();
  EXPECT_EQ(this->read_at_once(8), "again");
}

TYPED_TEST(EpollTest, ReadsOnAtOnceAfterAReadThatFilledItsBuffer) {
  this->they_send("abcdefghij");
  EXPECT_EQ(this->read(4), "abcd");
  EXPECT_EQ(this->read_at_once(4), "efgh");
  EXPECT_EQ(this->read_at_once(4), "ij");
  EXPECT_EQ(this->read_at_once(4), "it waits") << "what was left did not fill the buffer";
}

TYPED_TEST(EpollTest, WaitsNoMoreOnceItHasSeenTheHangUp) {
  this->they_send("last words");
  this->theirs_.reset();
  this->let_edges_pass();
  EXPECT_EQ(this->read_at_once(64), "last words");
  EXPECT_EQ(this->read_at_once(64), "");
}

// A Unix socket tells its writer each time that the other end reads: were it asked to after the one
// write that had to wait, half of the waits below would be woken for nothing.
TYPED_TEST(EpollTest, IsNotWokenByAPeerThatReadsWhenNoWriteWaits) {
  this->fill();
  std::string sink(1 << 20, '\0');
  std::optional<Outcome> outcome;
  for (int i = 0; i < 1000 && !outcome; ++i) {
    ::recv(this->theirs_.get(), sink.data(), sink.size(), MSG_DONTWAIT);
    outcome = this->bench_->outcome_within(this->channel_, ns_per_ms / 10);
  }
  ASSERT_TRUE(outcome);
  while (::recv(this->theirs_.get(), sink.data(), sink.size(), MSG_DONTWAIT) > 0) continue;
  constexpr int reads = 20;
  int waits = 0;
  for (int i = 0; i < reads; ++i) {
    ASSERT_EQ(this->bench_->finish(this->channel_, Step::write(this->chunk_.data(), 1)), 1);
    this->they_receive();
    Epoll::Channel sleeper;
    this->bench_->start(sleeper, Step::sleep(now_ns() + ns_per_ms));
    for (bool over = false; !over && !testing::Test::HasFailure(); ++waits)
      this->bench_->wait([&](Epoll::Channel& whose, Outcome) {
        ASSERT_EQ(&whose, &sleeper);
        over = true;
      });
  }
  EXPECT_LT(waits, reads * 3 / 2);
}

}  // namespace
}  // namespace waitbench
