// What the tests of the engines share: a peer in the test's hands, and an engine of which no wait
// is for ever.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "impls/engines/all.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

// A listening socket whose accepted ends the test holds in its hands.
class Peer {
 public:
  explicit Peer(bool over_tcp, int backlog = 16) {
    static int peers = 0;
    const std::string name =
        "waitbench-engine-test-" + std::to_string(getpid()) + "-" + std::to_string(++peers);
    address_ = over_tcp ? tcp_address(htonl(INADDR_LOOPBACK), 0) : unix_address(name);
    listener_.reset(::socket(address_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(listener_.get(), address_.get(), address_.size), 0);
    EXPECT_EQ(::listen(listener_.get(), backlog), 0);
    address_.size = sizeof address_.storage;
    getsockname(listener_.get(), address_.get(), &address_.size);
  }
  const Address& address() const { return address_; }
  Descriptor accept() const {
    return Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }

  // Connects as often as the queue takes it, so that the next one has to wait.
  void fill_queue() {
    for (int i = 0; i < 8; ++i) {
      Descriptor socket = open_socket(address_, SOCK_NONBLOCK);
      connect_socket(socket.get(), address_);
      queued_.push_back(std::move(socket));
    }
  }

 private:
  Address address_;
  Descriptor listener_;
  std::vector<Descriptor> queued_;
};

template <class E>
class Bench {
 public:
  using Channel = typename E::Channel;

  Bench() { engine_.start(guard_, Step::sleep(now_ns() + 10 * ns_per_s)); }

  std::optional<Outcome> start(Channel& channel, Step step) { return engine_.start(channel, step); }

  std::optional<Outcome> cancel(Channel& channel) { return engine_.cancel(channel); }

  // One wait, after which `outcome` holds the channel's, if it came.
  void wait(Channel& channel, std::optional<Outcome>& outcome) {
    engine_.wait([&](Channel& whose, Outcome how) {
      if (&whose == &guard_) FAIL() << "a step did not end";
      if (&whose != &channel) return;
      EXPECT_FALSE(outcome) << "a step ended twice";
      outcome = how;
    });
  }

  // Waits until the step that the channel has begun is done.
  Outcome await(Channel& channel) {
    std::optional<Outcome> outcome;
    while (!outcome && !testing::Test::HasFailure()) wait(channel, outcome);
    return outcome.value_or(-ETIMEDOUT);
  }

  // The step's outcome, whether it comes at once or later.
  Outcome finish(Channel& channel, Step step) {
    const std::optional<Outcome> outcome = start(channel, step);
    return outcome ? *outcome : await(channel);
  }

  // What comes for the channel within a while.
  std::optional<Outcome> outcome_within(Channel& channel, std::int64_t ns) {
    std::optional<Outcome> outcome;
    Channel sleeper;
    bool over = false;
    start(sleeper, Step::sleep(now_ns() + ns));
    while (!over && !testing::Test::HasFailure())
      engine_.wait([&](Channel& whose, Outcome how) {
        if (&whose == &sleeper) over = true;
        if (&whose == &channel) outcome = how;
        if (&whose == &guard_) ADD_FAILURE() << "a sleep did not end";
      });
    return outcome;
  }

  template <class Visitor>
  void wait(Visitor visit) {
    engine_.wait(visit);
  }

 private:
  Channel guard_;
  E engine_;
};

template <class E, bool tcp>
struct Over {
  using Engine = E;
  static constexpr bool over_tcp = tcp;
};

// The kinds of a test that is for all engines, over both transports or one.
template <class List>
struct OverBoth;
template <class... E>
struct OverBoth<EngineList<E...>> {
  using Types = testing::Types<Over<E, false>..., Over<E, true>...>;
};

template <class List>
struct OverUnix;
template <class... E>
struct OverUnix<EngineList<E...>> {
  using Types = testing::Types<Over<E, false>...>;
};

// How the tests of one engine call its two transports.
struct TransportNames {
  template <class Kind>
  static std::string GetName(int) {
    return Kind::over_tcp ? "OverTcp" : "OverUnix";
  }
};

// One of the engines, connected to a peer.
template <class Kind>
class Connected : public testing::Test {
 protected:
  using Engine = typename Kind::Engine;
  using Channel = typename Engine::Channel;

  void SetUp() override {
    if constexpr (requires { Engine::unavailable(); })
      if (const std::string reason = Engine::unavailable(); !reason.empty()) GTEST_SKIP() << reason;
    bench_.emplace();
    connect();
  }
  void TearDown() override { bench_.reset(); }

  void connect() {
    ASSERT_EQ(bench_->finish(channel_, Step::connect(peer_.address())), 0);
    theirs_ = peer_.accept();
    ASSERT_TRUE(theirs_);
  }
  void close() { EXPECT_EQ(bench_->finish(channel_, Step::close()), 0); }
  void they_send(const std::string& text) {
    ASSERT_EQ(::send(theirs_.get(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
  }
  // What has arrived at the other end, once something has.
  std::string they_receive() {
    std::string text(1 << 20, '\0');
    const ssize_t got = ::recv(theirs_.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
  }

  Step reading(std::size_t size, std::uint32_t timeout_us = 0) {
    Step step = Step::read(room_.data(), size);
    step.timeout_us = timeout_us & 0x7fffffff;
    return step;
  }
  std::string heard(Outcome got) const {
    if (got < 0) return "-" + std::to_string(-got);
    return {reinterpret_cast<const char*>(room_.data()), static_cast<std::size_t>(got)};
  }
  // One read of at most `size` bytes: what came, "" at the stream's end, "-errno" for an error.
  std::string read(std::size_t size) { return heard(bench_->finish(channel_, reading(size))); }

  // Writes until nothing more fits; gives the bytes that went out. The last write is under way.
  std::size_t fill(std::uint32_t timeout_us = 0) {
    Step step = Step::write(chunk_.data(), chunk_.size());
    step.timeout_us = timeout_us & 0x7fffffff;
    std::size_t sent = 0;
    for (int i = 0; i < 1000; ++i) {
      std::optional<Outcome> outcome = bench_->start(channel_, step);
      if (!outcome) outcome = bench_->outcome_within(channel_, 5 * ns_per_ms);
      if (!outcome) return sent;
      EXPECT_GT(*outcome, 0);
      sent += static_cast<std::size_t>(std::max(*outcome, 0));
    }
    ADD_FAILURE() << "it was never full";
    return sent;
  }

  Peer peer_{Kind::over_tcp};
  std::vector<std::byte> room_ = std::vector<std::byte>(1 << 20);
  std::vector<std::byte> chunk_ = std::vector<std::byte>(1 << 20, std::byte{'x'});
  Channel channel_;
  Descriptor theirs_;
  std::optional<Bench<Engine>> bench_;
};

}  // namespace waitbench
