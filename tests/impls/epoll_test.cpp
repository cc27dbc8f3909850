// The epoll engine by itself: edges are seen once, and nothing that they told of may be forgotten.
#include "impls/engines/epoll.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "harness/random.hpp"

namespace waitbench {
namespace {

// A listening socket whose accepted ends the test holds in its hands.
class Peer {
 public:
  explicit Peer(bool over_tcp) {
    static int peers = 0;
    const std::string name =
        "waitbench-epoll-test-" + std::to_string(getpid()) + "-" + std::to_string(++peers);
    address_ = over_tcp ? tcp_address(htonl(INADDR_LOOPBACK), 0) : unix_address(name);
    listener_.reset(
        ::socket(address_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_EQ(::bind(listener_.get(), address_.get(), address_.size), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    address_.size = sizeof address_.storage;
    getsockname(listener_.get(), address_.get(), &address_.size);
  }
  const Address& address() const { return address_; }
  Descriptor accept() const { return Descriptor(::accept4(listener_.get(), nullptr, nullptr, 0)); }

 private:
  Address address_;
  Descriptor listener_;
};

// An engine of which no wait is for ever: a timer of its own wakes it, until it has had enough.
class Bench {
 public:
  Bench() { wake_later(); }

  // As the engine's, and may return with nothing done. False: it takes too long.
  template <class Visitor>
  bool wait(Visitor visit) {
    engine.wait([&](Epoll::Channel& channel, Outcome outcome) {
      if (&channel != &alarm_) return visit(channel, outcome);
      ++alarms_;
      wake_later();
    });
    return alarms_ < most_alarms;
  }

  // The outcome of the step that the channel has under way.
  Outcome await(Epoll::Channel& channel) {
    std::optional<Outcome> outcome;
    const auto note = [&](Epoll::Channel& whose, Outcome how) {
      if (&whose == &channel) outcome = how;
    };
    while (!outcome)
      if (!wait(note) && !outcome) {
        ADD_FAILURE() << "a step did not end";
        return -ETIMEDOUT;
      }
    return *outcome;
  }

  // The step's outcome, whether it comes at once or later.
  Outcome finish(Epoll::Channel& channel, Step step) {
    const std::optional<Outcome> outcome = engine.start(channel, step);
    return outcome ? *outcome : await(channel);
  }

  // Lets whatever is ready be seen, with nobody waiting for it.
  void let_edges_pass() {
    Epoll::Channel sleeper;
    finish(sleeper, Step::sleep(now_ns() + ns_per_ms));
  }

  Epoll engine;

 private:
  static constexpr int most_alarms = 25;

  void wake_later() { engine.start(alarm_, Step::sleep(now_ns() + 200 * ns_per_ms)); }

  Epoll::Channel alarm_;
  int alarms_ = 0;
};

class EpollTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench_.finish(channel_, Step::connect(peer_.address())), 0);
    theirs_ = peer_.accept();
    ASSERT_TRUE(theirs_);
  }
  void they_send(const std::string& text) {
    ASSERT_EQ(::send(theirs_.get(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
  }
  // One read of at most `size` bytes: what came, "" at the stream's end, "-" for an error.
  std::string read(std::size_t size) {
    std::vector<std::byte>& buffer = buffers_.emplace_back(size);
    const Outcome got = bench_.finish(channel_, Step::read(buffer.data(), size));
    if (got < 0) return "-" + std::to_string(-got);
    return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(got)};
  }

  std::deque<std::vector<std::byte>> buffers_;  // which a read that does not end may still fill
  Peer peer_{GetParam()};
  Bench bench_;
  Epoll::Channel channel_;
  Descriptor theirs_;
};

TEST_P(EpollTest, ReadsWhatComesLater) {
  std::array<std::byte, 8> buffer;
  EXPECT_FALSE(bench_.engine.start(channel_, Step::read(buffer.data(), buffer.size())));
  they_send("later");
  EXPECT_EQ(bench_.await(channel_), 5);
}

TEST_P(EpollTest, ReadsWhatCameWhileNobodyWaited) {
  they_send("early");
  bench_.let_edges_pass();
  EXPECT_EQ(read(8), "early");
}

TEST_P(EpollTest, ReadsOnAfterAReadThatFilledItsBuffer) {
  they_send("abcdefghij");
  EXPECT_EQ(read(4), "abcd");
  EXPECT_EQ(read(4), "efgh");
  EXPECT_EQ(read(4), "ij");
}

TEST_P(EpollTest, WaitsAgainAfterAnExactFit) {
  they_send("abcd");
  EXPECT_EQ(read(4), "abcd");
  std::array<std::byte, 4> buffer;
  EXPECT_FALSE(bench_.engine.start(channel_, Step::read(buffer.data(), buffer.size())));
  they_send("ef");
  EXPECT_EQ(bench_.await(channel_), 2);
}

TEST_P(EpollTest, ReadsAllThatWasSentBeforeTheHangUpAndThenItsEnd) {
  for (const bool seen_before : {false, true}) {
    SetUp();
    they_send("last words");
    theirs_.reset();
    if (seen_before) bench_.let_edges_pass();
    EXPECT_EQ(read(4), "last");
    EXPECT_EQ(read(64), " words");
    EXPECT_EQ(read(64), "");
    EXPECT_EQ(bench_.finish(channel_, Step::close()), 0);
  }
}

TEST_P(EpollTest, NoticesAHangUpThatCameWhileItWaited) {
  std::array<std::byte, 4> buffer;
  EXPECT_FALSE(bench_.engine.start(channel_, Step::read(buffer.data(), buffer.size())));
  theirs_.reset();
  EXPECT_EQ(bench_.await(channel_), 0);
}

TEST_P(EpollTest, WaitsUntilAFullSocketTakesMore) {
  const std::vector<std::byte> chunk(1 << 20, std::byte{'x'});
  const auto write = [&](std::size_t size) {
    return Step::write(const_cast<std::byte*>(chunk.data()), size);
  };
  std::size_t sent = 0;
  std::optional<Outcome> outcome;
  for (int i = 0; i < 1000; ++i) {  // until the socket is full
    outcome = bench_.engine.start(channel_, write(chunk.size()));
    if (!outcome) break;
    ASSERT_GT(*outcome, 0);
    sent += static_cast<std::size_t>(*outcome);
  }
  ASSERT_FALSE(outcome) << "it was never full";

  std::vector<std::byte> sink(1 << 20);
  std::size_t received = 0;
  const auto they_receive = [&] {
    const ssize_t got = ::recv(theirs_.get(), sink.data(), sink.size(), MSG_DONTWAIT);
    if (got > 0) received += static_cast<std::size_t>(got);
  };
  for (int i = 0; i < 1000 && !outcome; ++i) {
    they_receive();
    Epoll::Channel tick;
    bench_.engine.start(tick, Step::sleep(now_ns() + ns_per_ms));
    for (bool ticked = false; !ticked;)
      ASSERT_TRUE(bench_.wait([&](Epoll::Channel& whose, Outcome how) {
        if (&whose == &channel_) outcome = how;
        ticked = ticked || &whose == &tick;
      }));
  }
  ASSERT_TRUE(outcome);
  ASSERT_GT(*outcome, 0);
  sent += static_cast<std::size_t>(*outcome);
  for (int i = 0; i < 10'000 && received < sent; ++i) they_receive();
  EXPECT_EQ(received, sent);
}

TEST_P(EpollTest, ReadsAfterItHadToWaitToWrite) {
  const std::vector<std::byte> chunk(1 << 20, std::byte{'x'});
  std::size_t sent = 0;
  const auto write = Step::write(const_cast<std::byte*>(chunk.data()), chunk.size());
  std::optional<Outcome> outcome = 1;
  for (int i = 0; i < 1000 && outcome; ++i)
    if ((outcome = bench_.engine.start(channel_, write)))
      sent += static_cast<std::size_t>(*outcome);
  ASSERT_FALSE(outcome);
  they_send("meanwhile");
  std::vector<std::byte> sink(1 << 20);
  for (int i = 0; i < 1000 && !outcome; ++i) {
    ::recv(theirs_.get(), sink.data(), sink.size(), MSG_DONTWAIT);
    ASSERT_TRUE(bench_.wait([&](Epoll::Channel&, Outcome how) { outcome = how; }));
  }
  ASSERT_TRUE(outcome);
  EXPECT_EQ(read(64), "meanwhile");
}

TEST_P(EpollTest, ConnectsAgainAfterAClose) {
  for (int i = 0; i < 3; ++i) {
    they_send("hello");
    EXPECT_EQ(read(64), "hello");
    EXPECT_EQ(bench_.finish(channel_, Step::close()), 0);
    EXPECT_FALSE(channel_.socket);
    SetUp();
  }
  std::array<std::byte, 4> buffer;
  EXPECT_FALSE(bench_.engine.start(channel_, Step::read(buffer.data(), buffer.size())))
      << "what the last connection had to say is not this one's";
}

TEST_P(EpollTest, SaysThatNobodyListens) {
  const Address address = [] {
    const Peer gone(GetParam());
    return gone.address();
  }();
  Epoll::Channel channel;
  EXPECT_EQ(bench_.finish(channel, Step::connect(address)), -ECONNREFUSED);
}

INSTANTIATE_TEST_SUITE_P(Over, EpollTest, testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Tcp" : "Unix"; });

TEST(EpollTimers, EndInTheOrderOfTheirDeadlinesAndNotBeforeThem) {
  Bench bench;
  Random random(1);
  constexpr std::size_t timers = 10'000;
  std::vector<Epoll::Channel> channels(timers);
  std::vector<std::int64_t> deadline_ns(timers);
  for (std::size_t i = 0; i < timers; ++i) {
    deadline_ns[i] = now_ns() + static_cast<std::int64_t>(random.next() % (20 * ns_per_ms));
    EXPECT_FALSE(bench.engine.start(channels[i], Step::sleep(deadline_ns[i])));
  }
  std::vector<int> ended(timers, 0);
  std::size_t left = timers;
  std::int64_t last_ns = 0;
  while (left > 0 && !HasFailure())
    ASSERT_TRUE(bench.wait([&](Epoll::Channel& channel, Outcome outcome) {
      const auto i = static_cast<std::size_t>(&channel - channels.data());
      EXPECT_EQ(outcome, 0);
      EXPECT_LE(deadline_ns[i], now_ns());
      EXPECT_GE(deadline_ns[i], last_ns);
      last_ns = deadline_ns[i];
      --left;
      ++ended[i];
    })) << "they do not end";
  EXPECT_EQ(ended, std::vector<int>(timers, 1));
}

TEST(EpollTimers, ThatAreOverAlreadyEndAtTheNextWait) {
  Bench bench;
  Epoll::Channel channel;
  EXPECT_EQ(bench.finish(channel, Step::sleep(0)), 0);
  EXPECT_EQ(bench.finish(channel, Step::sleep(now_ns() - 1)), 0);
}

TEST(EpollTimers, MayBeStartedAnewFromTheirOwnEnd) {
  Bench bench;
  Epoll::Channel channel;
  bench.engine.start(channel, Step::sleep(now_ns()));
  int ended = 0;
  while (ended < 100)
    ASSERT_TRUE(bench.wait([&](Epoll::Channel& whose, Outcome) {
      ASSERT_EQ(&whose, &channel);
      ++ended;
      bench.engine.start(channel, Step::sleep(now_ns() + ns_per_us));
    }));
  EXPECT_EQ(ended, 100);
}

}  // namespace
}  // namespace waitbench
