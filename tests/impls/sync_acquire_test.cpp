// What the step `acquire` promises, in every model whose conversations can wait for each other:
// who waits has it when it is resumed, nobody else has it meanwhile, and a loop that hands it on
// and on still looks at its sockets and its timers.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <string>
#include <vector>

#include "impls/conversation.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/sync/lock.hpp"
#include "impls/lib/sync/monitor.hpp"
#include "tests/impls/rows.hpp"

namespace waitbench {
namespace {

// A lock among the tasks of a loop, or among threads.
class AcquirableLock final : public Acquirable {
 public:
  explicit AcquirableLock(RunQueue* of_loop)
      : is_between_threads_(of_loop == nullptr),
        lock_(is_between_threads_ ? monitor_.run_queue() : *of_loop) {}

  bool acquire(Waiter& task) override {
    if (!is_between_threads_) return lock_.acquire(task);
    monitor_.acquire([&](Waiter& thread) { return lock_.acquire(thread); }, [] {});
    return true;
  }
  void release() {
    if (is_between_threads_)
      monitor_.release([&] { lock_.release(); });
    else
      lock_.release();
  }

 private:
  Monitor monitor_;
  bool is_between_threads_;
  Lock lock_;
};

struct Visits {
  std::atomic<int> inside = 0;
  std::atomic<bool> has_met = false;  // two were inside at once
  std::vector<std::size_t> order;     // of those who were inside; the lock protects it
};

// Is inside for a while, some times.
class Visitor : public Conversation {
 public:
  Visitor(AcquirableLock& lock, Visits& visits, std::size_t name)
      : lock_(lock), visits_(visits), name_(name) {}

  Step resume(Outcome outcome) override {
    EXPECT_EQ(outcome, 0);
    switch (state_) {
      case State::inside:
        --visits_.inside;
        lock_.release();
        if (--left_ == 0) return Step::done();
        [[fallthrough]];
      case State::outside: {
        state_ = State::entering;
        Step step = Step::acquire(lock_);
        step.begins_task = true;
        return step;
      }
      case State::entering:
        state_ = State::inside;
        if (++visits_.inside > 1) visits_.has_met = true;
        visits_.order.push_back(name_);
        return Step::sleep(now_ns() + 20 * ns_per_us);
    }
    return Step::done();
  }

  static constexpr int visits_of_each = 5;

 private:
  enum class State { outside, entering, inside };

  AcquirableLock& lock_;
  Visits& visits_;
  std::size_t name_;
  State state_ = State::outside;
  int left_ = visits_of_each;
};

// Goes in and out without a pause, until told to stop. The first time it stays until the other one
// stands in line; from then on one of them always does.
class Restless : public Conversation {
 public:
  Restless(AcquirableLock& lock, const bool& stops) : lock_(lock), stops_(stops) {}

  Step resume(Outcome) override {
    switch (state_) {
      case State::outside: state_ = State::entering; return Step::acquire(lock_);
      case State::entering: state_ = State::inside; return Step::sleep(now_ns() + ns_per_ms);
      case State::inside: break;
    }
    lock_.release();
    if (stops_ || --left_ == 0) return Step::done();
    return Step::acquire(lock_);
  }
  bool has_given_up() const { return left_ == 0; }

 private:
  enum class State { outside, entering, inside };

  AcquirableLock& lock_;
  const bool& stops_;
  State state_ = State::outside;
  long left_ = 10'000'000;
};

class Sleeper : public Conversation {
 public:
  explicit Sleeper(bool& woken) : woken_(woken) {}

  Step resume(Outcome) override {
    if (std::exchange(is_asleep_, true)) {
      woken_ = true;
      return Step::done();
    }
    return Step::sleep(now_ns() + 5 * ns_per_ms);
  }

 private:
  bool& woken_;
  bool is_asleep_ = false;
};

std::string name_of_parameter(const testing::TestParamInfo<const CatalogRow*>& info) {
  return test_name(*info.param);
}

class AcquireStep : public testing::TestWithParam<const CatalogRow*> {
 protected:
  void SetUp() override {
    if (row().unavailable != nullptr && !row().unavailable().empty())
      GTEST_SKIP() << row().unavailable();
  }

  static const CatalogRow& row() { return *GetParam(); }
  static bool has_threads() { return row().conversing == Conversing::threads; }

  void run(std::vector<Conversation*> conversations) {
    row().make(conversations, {.run_queue = of_loop_})->run();
  }

  RunQueue run_queue_;
  RunQueue* of_loop_ = has_threads() ? nullptr : &run_queue_;
  AcquirableLock lock_{of_loop_};
};

TEST_P(AcquireStep, LetsOneInAndTheOthersWaitForTheirTurn) {
  constexpr std::size_t number = 6;
  Visits visits;
  std::deque<Visitor> visitors;
  std::vector<Conversation*> all;
  for (std::size_t i = 0; i < number; ++i) all.push_back(&visitors.emplace_back(lock_, visits, i));
  run(all);
  EXPECT_FALSE(visits.has_met);
  ASSERT_EQ(visits.order.size(), number * Visitor::visits_of_each);
  // Among the tasks of a loop the first in line is the next.
  if (has_threads() || row().max_in_flight(number, {}) < number) return;
  for (std::size_t i = 0; i < visits.order.size(); ++i) EXPECT_EQ(visits.order[i], i % number);
}

INSTANTIATE_TEST_SUITE_P(Of, AcquireStep, testing::ValuesIn(rows_that([](const CatalogRow& row) {
                           return !row.forks;
                         })),
                         name_of_parameter);

using AcquireStepInALoop = AcquireStep;

TEST_P(AcquireStepInALoop, IsHandedOnWithoutKeepingTheLoopFromItsTimers) {
  bool woken = false;
  Restless one(lock_, woken), other(lock_, woken);
  Sleeper sleeper(woken);
  run({&one, &other, &sleeper});
  EXPECT_TRUE(woken);
  EXPECT_FALSE(one.has_given_up() || other.has_given_up());
}

INSTANTIATE_TEST_SUITE_P(Of, AcquireStepInALoop,
                         testing::ValuesIn(rows_that([](const CatalogRow& row) {
                           return !row.engine.empty();
                         })),
                         name_of_parameter);

// Says what the outcome of its one step was.
class Asks : public Conversation {
 public:
  explicit Asks(Step step) : step_(step) {}

  Step resume(Outcome outcome) override {
    outcome_ = outcome;
    return std::exchange(is_asked_, true) ? Step::done() : step_;
  }
  Outcome outcome() const { return outcome_; }

 private:
  Step step_;
  bool is_asked_ = false;
  Outcome outcome_ = 0;
};

TEST_P(AcquireStep, HasNoConnectionThatTheConversationsDoNotShare) {
  Asks second(Step::use(1)), third(Step::use(2));
  std::vector<Conversation*> both = {&second, &third};
  row().make(both, {.shared_connections = 2, .run_queue = of_loop_})->run();
  EXPECT_EQ(second.outcome(), 0);
  EXPECT_EQ(third.outcome(), -EBADF);
}

TEST_P(AcquireStepInALoop, IsRefusedWhereNobodyCouldGoOn) {
  Asks once(Step::acquire(lock_));
  std::vector<Conversation*> alone = {&once};
  row().make(alone, {})->run();
  EXPECT_EQ(once.outcome(), -EINVAL);
}

TEST(AcquireStepOfBlocking, FailsWhereItWouldWaitForItself) {
  RunQueue run_queue;
  AcquirableLock lock(&run_queue);
  Asks holder(Step::acquire(lock)), other(Step::acquire(lock));
  std::vector<Conversation*> both = {&holder, &other};
  catalog().front().make(both, {.run_queue = &run_queue})->run();
  EXPECT_EQ(holder.outcome(), 0);
  EXPECT_EQ(other.outcome(), -EDEADLK);
}

}  // namespace
}  // namespace waitbench
