// What every engine must do for a library that reads and writes by itself: say when its descriptor
// is ready, as often as it is, and let go of it before the library closes it.
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "impls/engines/all.hpp"
#include "tests/impls/engine_bench.hpp"

namespace waitbench {
namespace {

using Kinds = OverUnix<Engines>::Types;

template <class Kind>
class LibrarysDescriptor : public testing::Test {
 protected:
  using Engine = typename Kind::Engine;
  using Channel = typename Engine::Channel;

  void SetUp() override {
    if constexpr (requires { Engine::unavailable(); })
      if (const std::string reason = Engine::unavailable(); !reason.empty()) GTEST_SKIP() << reason;
    bench_.emplace();
    open();
  }
  void TearDown() override { bench_.reset(); }

  // The library's end and that of its peer.
  void open() {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    ours_.reset(ends[0]);
    theirs_.reset(ends[1]);
  }
  Step ready(Direction direction, std::uint32_t timeout_us = 0) const {
    Step step = Step::ready(ours_.get(), direction);
    step.timeout_us = timeout_us & 0x7fffffff;
    return step;
  }
  void they_send(const std::string& text) {
    ASSERT_EQ(::send(theirs_.get(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
  }
  std::string library_reads(std::size_t most) {
    std::string text(most, '\0');
    const ssize_t got = ::recv(ours_.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
  }
  void library_fills() {
    const std::vector<char> chunk(1 << 16, 'x');
    while (::send(ours_.get(), chunk.data(), chunk.size(), MSG_NOSIGNAL) > 0) continue;
  }

  Descriptor ours_;
  Descriptor theirs_;
  Channel channel_;
  std::optional<Bench<Engine>> bench_;
};
TYPED_TEST_SUITE(LibrarysDescriptor, Kinds);

TYPED_TEST(LibrarysDescriptor, IsReadyToBeReadWhenSomethingHasCome) {
  EXPECT_FALSE(this->bench_->start(this->channel_, this->ready(Direction::read)));
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
  this->they_send("row");
  EXPECT_EQ(this->bench_->await(this->channel_), 0);
  EXPECT_EQ(this->library_reads(64), "row");
}

TYPED_TEST(LibrarysDescriptor, StaysReadyWhileTheLibraryLeavesSomethingUnread) {
  this->they_send("two rows");
  EXPECT_EQ(this->bench_->finish(this->channel_, this->ready(Direction::read)), 0);
  EXPECT_EQ(this->library_reads(3), "two");
  EXPECT_EQ(this->bench_->finish(this->channel_, this->ready(Direction::read)), 0);
  EXPECT_EQ(this->library_reads(64), " rows");
  EXPECT_FALSE(this->bench_->start(this->channel_, this->ready(Direction::read)));
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
}

TYPED_TEST(LibrarysDescriptor, IsReadyAtOnceForWhatCameWhileNobodyWaited) {
  this->they_send("early");
  EXPECT_EQ(this->bench_->finish(this->channel_, this->ready(Direction::read)), 0);
  EXPECT_EQ(this->library_reads(64), "early");
  for (int i = 0; i < 3; ++i) {
    this->they_send("again");
    EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
    EXPECT_EQ(this->bench_->finish(this->channel_, this->ready(Direction::read)), 0);
    EXPECT_EQ(this->library_reads(64), "again");
  }
}

TYPED_TEST(LibrarysDescriptor, IsReadyToBeWrittenWhenThereIsRoom) {
  EXPECT_EQ(this->bench_->finish(this->channel_, this->ready(Direction::write)), 0);
  this->library_fills();
  EXPECT_FALSE(this->bench_->start(this->channel_, this->ready(Direction::write)));
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
  std::vector<char> sink(1 << 16);
  while (::recv(this->theirs_.get(), sink.data(), sink.size(), 0) > 0) continue;
  EXPECT_EQ(this->bench_->await(this->channel_), 0);
}

TYPED_TEST(LibrarysDescriptor, IsReadyWhenThePeerHasHungUp) {
  EXPECT_FALSE(this->bench_->start(this->channel_, this->ready(Direction::read)));
  this->theirs_.reset();
  EXPECT_EQ(this->bench_->await(this->channel_), 0);
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms)) << "nobody waits";
}

TYPED_TEST(LibrarysDescriptor, IsWaitedForNoLongerThanAllowed) {
  constexpr std::uint32_t soon_us = 5000;
  const std::int64_t before = now_ns();
  EXPECT_EQ(this->bench_->finish(this->channel_, this->ready(Direction::read, soon_us)),
            -ETIMEDOUT);
  EXPECT_GE(now_ns(), before + soon_us * ns_per_us);
  EXPECT_EQ(this->bench_->finish(this->channel_, Step::forget()), 0);
  this->they_send("too late");
  EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
}

// A library that connects closes one socket and opens the next one, most often with the same
// number.
TYPED_TEST(LibrarysDescriptor, IsForgottenBeforeTheLibraryClosesIt) {
  for (int i = 0; i < 4; ++i) {
    this->they_send("hello");
    EXPECT_EQ(this->bench_->finish(this->channel_, this->ready(Direction::read)), 0);
    EXPECT_EQ(this->bench_->finish(this->channel_, Step::forget()), 0);
    EXPECT_EQ(this->bench_->finish(this->channel_, Step::forget()), 0) << "twice is no mistake";
    this->ours_.reset();
    this->open();
    EXPECT_FALSE(this->bench_->start(this->channel_, this->ready(Direction::read)));
    EXPECT_FALSE(this->bench_->outcome_within(this->channel_, ns_per_ms));
    this->they_send("next");
    EXPECT_EQ(this->bench_->await(this->channel_), 0);
    EXPECT_EQ(this->library_reads(64), "next");
  }
}

}  // namespace
}  // namespace waitbench
