// What events, semaphores, conditions and queues promise to tasks of one loop, in every style.
#include <gtest/gtest.h>

#include <string>

#include "tests/impls/sync_stage.hpp"

namespace waitbench {
namespace {

template <class Acting>
class SignalsAmongTasks : public SyncTest<Acting> {};
TYPED_TEST_SUITE(SignalsAmongTasks, ActingStyles, StyleNames);

TYPED_TEST(SignalsAmongTasks, AnEventThatIsSetBeforeItIsWaitedForIsNotWaitedFor) {
  this->event_.set();
  this->start(this->waits_for_event("a"));
  EXPECT_EQ(this->log_, Log{"a"});
}

TYPED_TEST(SignalsAmongTasks, AnEventWakesAllWhoWaitAlsoIfItIsClearedBeforeTheirTurn) {
  for (const char* name : {"a", "b", "c"}) this->start(this->waits_for_event(name));
  this->event_.set();
  this->event_.clear();
  this->start(this->waits_for_event("d"));
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b", "c"}));
}

TYPED_TEST(SignalsAmongTasks, WhoGivesUpAnEventIsCancelledEvenIfItHasJustHappened) {
  Waiter& a = this->start(this->waits_for_event("a"));
  this->start(this->waits_for_event("b"));
  this->event_.set();
  EXPECT_TRUE(a.cancel());
  this->run();
  EXPECT_EQ(this->log_, (Log{"a cancelled", "b"}));
}

TYPED_TEST(SignalsAmongTasks, ASemaphoreLetsAsManyGoOnAsItHasPermits) {
  const auto acquires = [this](const std::string& name) {
    return Script().then([this](Waiter& self) { return this->semaphore_.acquire(self); },
                         this->says(name));
  };
  for (const char* name : {"a", "b", "c", "d", "e"}) this->start(acquires(name));
  EXPECT_EQ(this->log_, (Log{"a", "b"}));
  this->semaphore_.release(2);
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b", "c", "d"}));
  this->semaphore_.release(3);
  this->run();
  EXPECT_EQ(this->log_.back(), "e");
  EXPECT_EQ(this->semaphore_.permits(), 2U);
}

TYPED_TEST(SignalsAmongTasks, APermitGoesOnToTheNextIfWhoWasGivenItIsDropped) {
  const auto acquires = [this](const std::string& name) {
    return Script().then([this](Waiter& self) { return this->semaphore_.acquire(self); },
                         this->says(name));
  };
  for (const char* name : {"a", "b", "c", "d"}) this->start(acquires(name));
  this->semaphore_.release();
  this->drop(2);
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b", "d"}));
}

TYPED_TEST(SignalsAmongTasks, AConditionNotifiesSoManyInTheirOrderAndEachHasTheLock) {
  for (const char* name : {"a", "b", "c"})
    this->start(this->waits_for_condition(name).then_do([this] {
      EXPECT_TRUE(this->lock_.held());
      this->lock_.release();
    }));
  EXPECT_FALSE(this->lock_.held());
  this->condition_.notify(2);
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b"}));
  this->condition_.notify_all();
  this->run();
  EXPECT_EQ(this->log_, (Log{"a", "b", "c"}));
  EXPECT_FALSE(this->lock_.held());
}

TYPED_TEST(SignalsAmongTasks, ANotificationBeforeAnybodyWaitsIsForNobody) {
  this->condition_.notify_all();
  this->start(this->waits_for_condition("a"));
  this->run();
  EXPECT_EQ(this->log_, Log{});
}

TYPED_TEST(SignalsAmongTasks, WhoIsNotifiedWaitsForTheLockOfWhoNotifies) {
  this->start(this->waits_for_condition("a"));
  this->start(this->acquires("b").then_do([this] { this->condition_.notify(); }));
  this->run();
  EXPECT_EQ(this->log_, Log{"b"});
  this->lock_.release();
  this->run();
  EXPECT_EQ(this->log_, (Log{"b", "a"}));
}

TYPED_TEST(SignalsAmongTasks, WhoGivesUpAConditionHasTheLockAgain) {
  Waiter& a = this->start(this->waits_for_condition("a"));
  this->start(this->acquires("b"));
  EXPECT_TRUE(a.cancel());
  this->run();
  EXPECT_EQ(this->log_, Log{"b"}) << "b has the lock";
  this->lock_.release();
  this->run();
  EXPECT_EQ(this->log_, (Log{"b", "a cancelled"}));
  EXPECT_TRUE(this->lock_.held());
}

TYPED_TEST(SignalsAmongTasks, ANotificationGoesOnToTheNextIfWhoWasNotifiedGivesUp) {
  for (const bool dropped : {false, true}) {
    SCOPED_TRACE(dropped ? "dropped" : "cancelled");
    this->log_.clear();
    Waiter& a =
        this->start(this->waits_for_condition("a").then_do([this] { this->lock_.release(); }));
    this->start(this->waits_for_condition("b").then_do([this] { this->lock_.release(); }));
    this->condition_.notify();
    if (dropped)
      this->drop(2);
    else
      EXPECT_TRUE(a.cancel());
    this->run();
    EXPECT_EQ(this->log_, dropped ? Log{"b"} : (Log{"a cancelled", "b"}));
    EXPECT_FALSE(this->lock_.held());
  }
}

TYPED_TEST(SignalsAmongTasks, AQueueIsFirstInFirstOutAndPutsWaitWhileItIsFull) {
  for (const int item : {1, 2, 3, 4}) this->start(this->puts(item));
  EXPECT_EQ(this->queue_.size(), 2U);
  for (const char* name : {"a", "b", "c", "d"}) {
    this->start(this->gets(name));
    this->run();
  }
  EXPECT_EQ(this->log_, (Log{"put 1", "put 2", "a 1", "put 3", "b 2", "put 4", "c 3", "d 4"}));
  EXPECT_EQ(this->queue_.size(), 0U);
}

TYPED_TEST(SignalsAmongTasks, AnItemGoesToTheNextIfWhoWasToHaveItGivesUp) {
  Waiter& a = this->start(this->gets("a"));
  this->start(this->gets("b"));
  this->start(this->puts(1));
  EXPECT_TRUE(a.cancel());
  this->run();
  EXPECT_EQ(this->log_, (Log{"put 1", "a cancelled", "b 1"}));
}

}  // namespace
}  // namespace waitbench
