// Several loops of one model: each conversation is held, and a loop that fails ends the others.
#include "impls/loops.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <stdexcept>
#include <string>

#include "impls/matrix.hpp"
#include "tests/impls/engine_bench.hpp"

namespace waitbench {
namespace {

// Connects, and reads what does not come, unless it is only to connect.
class Reader : public Conversation {
 public:
  Reader(const Address& peer, bool reads) : peer_(peer), reads_(reads) {}

  Step resume(Outcome outcome) override {
    EXPECT_EQ(outcome, 0);
    switch (steps_++) {
      case 0: return Step::connect(peer_);
      case 1: return reads_ ? Step::read(&byte_, 1) : Step::close();
    }
    return Step::done();
  }
  int steps() const { return steps_; }

 private:
  const Address& peer_;
  bool reads_;
  int steps_ = 0;
  std::byte byte_{};
};

class Readers {
 public:
  Readers(std::size_t count, bool read) : peer_(false, static_cast<int>(count)) {
    for (std::size_t i = 0; i < count; ++i)
      conversations_.push_back(&readers_.emplace_back(peer_.address(), read));
  }
  std::span<Conversation* const> conversations() const { return conversations_; }
  const std::deque<Reader>& each() const { return readers_; }

 private:
  Peer peer_;
  std::deque<Reader> readers_;
  std::vector<Conversation*> conversations_;
};

// An engine, of which the third that is made cannot wait.
template <class E>
class Failing : public E {
 public:
  template <class Visitor>
  void wait(Visitor&& visit, MaySleep may_sleep = MaySleep::yes) {
    if (number_ == 2) throw std::runtime_error("the third has failed");
    E::wait([&](typename E::Channel& channel, Outcome outcome) { visit(channel, outcome); },
            may_sleep);
  }
  static inline std::atomic<int> made = 0;

 private:
  int number_ = made++;
};

// Why a build does not have a style; null for one that it always has.
template <class Style>
constexpr std::string (*unavailable_style())() {
  if constexpr (requires { Style::unavailable(); }) return Style::unavailable;
  return nullptr;
}

template <template <class> class S, class E>
struct Pair {
  using Engine = E;
  static constexpr MakeLoop make_loop = waitbench::make_loop<S, E>;
  static constexpr MakeLoop make_failing_loop = waitbench::make_loop<S, Failing<E>>;
  static constexpr auto style_unavailable = unavailable_style<S<E>>();
};

template <class Kind>
class LoopsTest : public testing::Test {
 protected:
  void SetUp() override {
    using E = typename Kind::Engine;
    for (const auto unavailable : {unavailable_of<E>(), Kind::style_unavailable})
      if (unavailable != nullptr)
        if (const std::string reason = unavailable(); !reason.empty()) GTEST_SKIP() << reason;
    Failing<E>::made = 0;
  }
};

using Pairs =
    testing::Types<Pair<Callback, Select>, Pair<Callback, Poll>, Pair<Callback, Epoll>,
                   Pair<Callback, Libuv>, Pair<Callback, IoUring>, Pair<GeneratorStyle, Epoll>,
                   Pair<GeneratorStyle, Libuv>, Pair<GeneratorStyle, IoUring>,
                   Pair<Coroutine, Epoll>, Pair<Coroutine, Libuv>, Pair<Coroutine, IoUring>,
                   Pair<Fiber, Epoll>, Pair<Fiber, Libuv>, Pair<Fiber, IoUring>>;
TYPED_TEST_SUITE(LoopsTest, Pairs);

TYPED_TEST(LoopsTest, HoldEachConversationOnce) {
  const Readers readers(10, false);
  Loops(readers.conversations(), {.loops = 4}, TypeParam::make_loop).run();
  for (const Reader& reader : readers.each()) EXPECT_EQ(reader.steps(), 3);
}

TYPED_TEST(LoopsTest, ThrowWhatALoopHasThrownThoughTheOthersWouldWaitForEver) {
  const Readers readers(8, true);
  Loops loops(readers.conversations(), {.loops = 4}, TypeParam::make_failing_loop);
  try {
    loops.run();
    ADD_FAILURE() << "it threw nothing";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the third has failed");
  }
}

}  // namespace
}  // namespace waitbench
