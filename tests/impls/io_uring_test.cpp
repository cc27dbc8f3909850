// What is special to the io_uring engine: from its second read on, a connection goes on to receive
// into buffers that all connections share. What all engines do is in engine_test.cpp.
#include "impls/engines/io_uring.hpp"

#include <numeric>

#include "tests/impls/engine_bench.hpp"

namespace waitbench {
namespace {

constexpr std::size_t buffers_hold = ReceiveBuffers::count * ReceiveBuffers::bytes_each;

template <class Kind>
class IoUringTest : public Connected<Kind> {
 protected:
  void SetUp() override {
    Connected<Kind>::SetUp();
    if (!testing::Test::IsSkipped() && !IoUringQueue().knows_multishot())
      GTEST_SKIP() << "before Linux 6.1 each read is a receive of its own";
  }
  void begin_to_receive() {
    for (const std::string text : {"once", "twice"}) {
      this->they_send(text);
      EXPECT_EQ(this->read(8), text);
    }
  }
  void let_it_receive() { EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms)); }
};

using Kinds = testing::Types<Over<IoUring, false>, Over<IoUring, true>>;
TYPED_TEST_SUITE(IoUringTest, Kinds, TransportNames);

TYPED_TEST(IoUringTest, GivesAtOnceWhatItReceivedWhileNobodyRead) {
  this->begin_to_receive();
  for (const std::string text : {"ab", "cd"}) {
    this->they_send(text);
    this->let_it_receive();
  }
  for (const std::string text : {"a", "b", "cd"})
    EXPECT_EQ(this->bench_->start(this->channel_, this->reading(text.size())), text.size());
}

TYPED_TEST(IoUringTest, TellsOfTheEndAfterWhatItReceivedBefore) {
  this->begin_to_receive();
  this->they_send("last words");
  this->theirs_.reset();
  this->let_it_receive();
  EXPECT_EQ(this->read(64), "last words");
  EXPECT_EQ(this->read(64), "");
}

TYPED_TEST(IoUringTest, LosesNothingAndStarvesNobodyWhenBuffersRunOut) {
  this->begin_to_receive();
  std::vector<char> flood(2 * buffers_hold);
  std::iota(flood.begin(), flood.end(), 0);
  std::size_t sent = 0;
  for (int i = 0; i < 100 && sent < flood.size(); ++i) {
    const ssize_t n =
        ::send(this->theirs_.get(), &flood[sent], flood.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
    this->let_it_receive();
  }
  ASSERT_GT(sent, buffers_hold) << "of which some must have been left in the socket";

  typename TestFixture::Channel other;
  ASSERT_EQ(this->bench_->finish(other, Step::connect(this->peer_.address())), 0);
  const Descriptor theirs = this->peer_.accept();
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(::send(theirs.get(), "still", 5, 0), 5);
    EXPECT_EQ(this->heard(this->bench_->finish(other, this->reading(64))), "still");
  }

  std::string received;
  while (received.size() < sent && !testing::Test::HasFailure()) {
    const std::string piece = this->read(64);
    ASSERT_NE(piece, "") << "the stream ended early";
    received += piece;
  }
  EXPECT_TRUE(std::equal(received.begin(), received.end(), flood.begin()));
}

TYPED_TEST(IoUringTest, TellsOfAFailureThatCameWhileNobodyRead) {
  this->begin_to_receive();
  EXPECT_EQ(this->bench_->finish(this->channel_, Step::write(this->chunk_.data(), 1)), 1);
  this->theirs_.reset();  // what is not read when it closes, resets the connection
  this->let_it_receive();
  EXPECT_EQ(this->read(8), "-" + std::to_string(ECONNRESET));
}

TYPED_TEST(IoUringTest, EndsAReadAtItsDeadlineThoughItGoesOnToReceive) {
  this->begin_to_receive();
  EXPECT_EQ(this->bench_->finish(this->channel_, this->reading(8, 1000)), -ETIMEDOUT);
  this->close();
  this->connect();
  this->begin_to_receive();
}

TYPED_TEST(IoUringTest, EndsAWriteAtItsDeadlineAndGoesOnToReceive) {
  this->begin_to_receive();
  this->fill(20'000);
  this->they_send("meanwhile");
  EXPECT_EQ(this->bench_->await(this->channel_), -ETIMEDOUT);
  EXPECT_EQ(this->read(64), "meanwhile");
}

TYPED_TEST(IoUringTest, GivesBackTheBuffersOfAConnectionThatCloses) {
  for (std::size_t i = 0; i < 2 * ReceiveBuffers::count; ++i) {
    this->begin_to_receive();
    this->they_send("nobody reads this");
    this->close();
    this->connect();
  }
  this->begin_to_receive();
}

}  // namespace
}  // namespace waitbench
