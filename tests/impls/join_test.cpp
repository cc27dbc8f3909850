// Tasks that start others and go on when all have ended, in every model that can: trees of tasks
// whose shape, steps and failures are drawn at random. A seed that fails is printed.
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <vector>

#include "harness/os/random.hpp"
#include "impls/kernel/models.hpp"
#include "impls/loop.hpp"
#include "impls/styles/all.hpp"

namespace waitbench {
namespace {

// An engine that ends each step at once or later, in any order.
class AtRandom {
 public:
  static constexpr std::string_view name = "at random", phrase = "chance";
  static inline std::uint64_t seed = 0;

  struct Channel {
    bool waits = false;
  };

  std::optional<Outcome> start(Channel& channel, Step step) {
    EXPECT_EQ(step.kind, StepKind::sleep);
    EXPECT_FALSE(std::exchange(channel.waits, true)) << "two steps of one channel";
    if (random_.next() % 3 == 0) return end(channel);
    waiting_.push_back(&channel);
    return std::nullopt;
  }

  template <class Visitor>
  void wait(Visitor&& visit, MaySleep) {
    if (waiting_.empty()) throw std::logic_error("the loop waits, and nobody else does");
    std::swap(waiting_[random_.next() % waiting_.size()], waiting_.back());
    Channel& channel = *waiting_.back();
    waiting_.pop_back();
    visit(channel, end(channel));
  }

 private:
  static Outcome end(Channel& channel) {
    channel.waits = false;
    return 0;
  }

  std::vector<Channel*> waiting_;
  Random random_{seed};
};

struct Failure {};

// A conversation that sleeps and joins its children some times, and ends; again and again, if it
// has a parent.
class Tree : public Conversation {
 public:
  Tree(std::uint64_t seed, int height, double fails) : random_(seed), fails_(fails) {
    for (std::uint64_t left = height > 0 ? random_.next() % 4 : 0; left > 0; --left)
      children_.push_back(&trees_.emplace_back(random_.next(), height - 1, fails));
  }

  Step resume(Outcome outcome) override {
    EXPECT_EQ(outcome, 0);
    if (!runs_) begin();
    for (const Tree& child : trees_) {
      EXPECT_FALSE(child.runs_) << "a child has outlived the join";
      EXPECT_EQ(child.started_, joined_) << "a child was not started once for each join";
    }
    if (random_.unit() < fails_) throw Failure{};
    if (sleeps_ > 0) {
      --sleeps_;
      return Step::sleep(1);
    }
    if (joins_ > 0) {
      --joins_;
      ++joined_;
      sleeps_ = random_.next() % 3;
      return Step::join(children_);
    }
    runs_ = false;
    return Step::done();
  }

  bool runs() const { return runs_; }
  int started() const { return started_; }

 private:
  void begin() {
    runs_ = true;
    ++started_;
    sleeps_ = random_.next() % 3;
    joins_ = trees_.empty() ? 0 : random_.next() % 4;
  }

  Random random_;
  double fails_;
  std::deque<Tree> trees_;
  std::vector<Conversation*> children_;
  bool runs_ = false;
  int started_ = 0, joined_ = 0;
  std::uint64_t sleeps_ = 0, joins_ = 0;
};

using MakeModel = std::unique_ptr<Model> (*)(std::span<Conversation* const>, const Settings&);

struct Row {
  const char* name;
  MakeModel make;
  int trees;  // fewer where each task is a thread
};

template <template <class> class Style>
std::unique_ptr<Model> make_loop(std::span<Conversation* const> conversations,
                                 const Settings& settings) {
  return std::make_unique<Loop<Style, AtRandom>>(conversations, settings);
}

constexpr Row rows[] = {
    {"callback", make_loop<Callback>, 150},
    {"generator", make_loop<GeneratorStyle>, 150},
    {"coroutine", make_loop<Coroutine>, 150},
#if WAITBENCH_WITH_FIBERS
    {"fiber", make_loop<Fiber>, 150},
#endif
    {"blocking", make_blocking, 150},
    {"thread_per_connection", make_thread_per_connection, 10},
    {"thread_pool", make_thread_pool, 30},
};

class Join : public testing::TestWithParam<Row> {
 protected:
  static constexpr std::size_t roots = 3;

  // Runs some trees, and returns whether a task has failed.
  bool run(std::uint64_t seed, double fails) {
    AtRandom::seed = seed;
    std::deque<Tree> trees;
    std::vector<Conversation*> all;
    for (std::size_t i = 0; i < roots; ++i)
      all.push_back(&trees.emplace_back(seed * roots + i, 3, fails));
    const Settings settings = {.depth = 1 + seed % 2 * 3, .workers = 3};
    try {
      GetParam().make(all, settings)->run();
    } catch (const Failure&) {
      return true;
    }
    for (const Tree& tree : trees) {
      EXPECT_EQ(tree.started(), 1);
      EXPECT_FALSE(tree.runs());
    }
    return false;
  }
};

TEST_P(Join, NoChildOutlivesIt) {
  for (int seed = 1; seed <= GetParam().trees; ++seed) {
    SCOPED_TRACE(seed);
    EXPECT_FALSE(run(seed, 0));
    if (HasFailure()) return;
  }
}

TEST_P(Join, PassesOnWhatOneOfThemHasThrown) {
  int failed = 0;
  for (int seed = 1; seed <= GetParam().trees; ++seed) {
    SCOPED_TRACE(seed);
    failed += run(seed, 0.02);
    if (HasFailure()) return;
  }
  EXPECT_GT(failed, 0);
}

INSTANTIATE_TEST_SUITE_P(Of, Join, testing::ValuesIn(rows),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace waitbench
