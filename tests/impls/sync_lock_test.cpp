// What a lock and the run queue promise to tasks of one loop, in every style, and how a deadlock is
// found.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "impls/lib/sync/deadlock.hpp"
#include "impls/lib/sync/held.hpp"
#include "tests/impls/sync_stage.hpp"

namespace waitbench {
namespace {

template <class Acting>
class LockAmongTasks : public SyncTest<Acting> {};
TYPED_TEST_SUITE(LockAmongTasks, ActingStyles, StyleNames);

TYPED_TEST(LockAmongTasks, ALockThatIsFreeIsHadAtOnce) {
  this->start(this->acquires("a").then_do([&] { this->lock_.release(); }));
  EXPECT_EQ(this->log_, Log{"a"});
  EXPECT_FALSE(this->lock_.held());
  EXPECT_TRUE(this->run_queue_.empty());
}

TYPED_TEST(LockAmongTasks, ALockIsHandedOverFirstComeFirstServed) {
  this->start(this->acquires("a"));
  for (const char* name : {"b", "c"})
    this->start(this->acquires(name).then_do([&] { this->lock_.release(); }));
  EXPECT_EQ(this->log_, Log{"a"});
  this->lock_.release();
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b", "c"}));
  EXPECT_FALSE(this->lock_.held());
}

TYPED_TEST(LockAmongTasks, NobodyComesInBetweenWhenALockIsHandedOver) {
  this->start(this->acquires("a"));
  this->start(this->acquires("b"));
  this->lock_.release();
  this->start(this->acquires("c"));  // b has it already, although it has not been resumed
  EXPECT_EQ(this->log_, Log{"a"});
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b"}));
  this->lock_.release();
  this->run();
}

TYPED_TEST(LockAmongTasks, WhoGivesUpInLineIsResumedAndNotServed) {
  this->start(this->acquires("a"));
  Waiter& b = this->start(this->acquires("b"));
  this->start(this->acquires("c"));
  EXPECT_TRUE(b.cancel());
  EXPECT_FALSE(b.cancel()) << "it has been cancelled";
  this->run();
  this->lock_.release();
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b cancelled", "c"}));
  EXPECT_FALSE(b.cancel()) << "it does not wait";
}

TYPED_TEST(LockAmongTasks, ALockGoesOnToTheNextIfWhoWasHandedItIsCancelled) {
  this->start(this->acquires("a"));
  Waiter& b = this->start(this->acquires("b"));
  this->start(this->acquires("c"));
  this->lock_.release();
  EXPECT_TRUE(b.cancel());
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b cancelled", "c"}));
  this->lock_.release();
  EXPECT_FALSE(this->lock_.held());
}

TYPED_TEST(LockAmongTasks, ALockGoesOnToTheNextIfWhoWasHandedItIsDropped) {
  this->start(this->acquires("a"));
  this->start(this->acquires("b"));
  this->start(this->acquires("c"));
  this->lock_.release();
  this->drop(1);
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "c"}));
}

TYPED_TEST(LockAmongTasks, ALockIsFreeAgainIfTheOnlyOneWhoWasHandedItGivesUp) {
  this->start(this->acquires("a"));
  Waiter& b = this->start(this->acquires("b"));
  this->lock_.release();
  b.cancel();
  EXPECT_FALSE(this->lock_.held());
  this->run();
}

TYPED_TEST(LockAmongTasks, WhoWasCancelledCanBeDroppedBeforeItIsResumed) {
  this->start(this->acquires("a"));
  this->start(this->acquires("b")).cancel();
  this->drop(1);
  EXPECT_TRUE(this->run_queue_.empty());
  this->lock_.release();
  EXPECT_FALSE(this->lock_.held());
}

TYPED_TEST(LockAmongTasks, ATaskThatNobodyAwaitsIsDroppedWhereItStandsAndWakesNobody) {
  this->start(this->acquires("a"));
  this->start(this->acquires("b"));
  this->start(this->waits_for_event("c"));
  this->drop(1);
  this->drop(2);
  EXPECT_FALSE(this->lock_.has_waiters() || this->event_.has_waiters());
  this->lock_.release();
  this->event_.set();
  EXPECT_TRUE(this->run_queue_.empty());
}

TYPED_TEST(LockAmongTasks, AnExceptionOfOneLeavesTheLockToTheOthers) {
  const auto begins = [this](Waiter& self) { return this->lock_.acquire(self); };
  const auto fails = [this](bool) {
    const Held<Lock> held(&this->lock_);
    throw std::runtime_error("one of three");
  };
  this->start(this->acquires("a"));
  this->start(Script().then(begins, fails));
  this->start(this->acquires("c"));
  this->lock_.release();
  EXPECT_THROW(this->run(), std::runtime_error);
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "c"}));
}

TYPED_TEST(LockAmongTasks, ADeadlockOfTwoLocksIsFoundAndNamesWhoWaitsForWhom) {
  const auto takes_both = [](Lock& one, Lock& other, Event& between) {
    return Script()
        .then([&](Waiter& self) { return one.acquire(self); })
        .then([&](Waiter& self) { return between.wait(self); })
        .then([&](Waiter& self) { return other.acquire(self); });
  };
  Waiter& a = this->start(takes_both(this->lock_, this->other_lock_, this->event_));
  Waiter& b = this->start(takes_both(this->other_lock_, this->lock_, this->event_));
  Waiter& c = this->start(this->acquires("c"));
  EXPECT_TRUE(deadlock_of(a).empty());
  this->event_.set();
  this->run();
  EXPECT_EQ(deadlock_of(a), (std::vector<const Waiter*>{&a, &b}));
  EXPECT_EQ(deadlock_of(b), (std::vector<const Waiter*>{&b, &a}));
  EXPECT_TRUE(deadlock_of(c).empty()) << "it waits for a ring, but nobody waits for it";
  a.cancel();
  EXPECT_TRUE(deadlock_of(b).empty()) << "who gives up breaks it";
}

TYPED_TEST(LockAmongTasks, ATaskThatWaitsForItsOwnLockIsADeadlock) {
  Waiter& a = this->start(
      this->acquires("a").then([this](Waiter& self) { return this->lock_.acquire(self); }));
  EXPECT_EQ(deadlock_of(a), std::vector<const Waiter*>{&a});
}

TYPED_TEST(LockAmongTasks, WhoComesDuringATurnOfTheLoopHasToWaitForTheNext) {
  Script again;
  for (int i = 0; i < 3; ++i)
    again.then(
        [this](Waiter& self) {
          this->run_queue_.push(self);
          return false;
        },
        this->says("turn"));
  this->start(again);
  using Acting = TypeParam;
  for (std::size_t turn = 1; turn <= 3; ++turn) {
    this->run_queue_.run_turn([](Waiter& next) { static_cast<Acting&>(next).resume(); });
    EXPECT_EQ(this->log_.size(), turn);
  }
  EXPECT_TRUE(this->run_queue_.empty());
}

TYPED_TEST(LockAmongTasks, WhatATurnThatFailsHasNotResumedIsResumedByTheNext) {
  for (const char* name : {"a", "b"}) this->start(this->waits_for_event(name));
  this->event_.set();
  EXPECT_THROW(this->run_queue_.run_turn([](Waiter&) { throw std::runtime_error("no"); }),
               std::runtime_error);
  this->run();
  EXPECT_EQ(this->log_, Log{"b"});
}

}  // namespace
}  // namespace waitbench
