// A condition of something that a lock protects, among tasks of one loop.
//
//   acquire the lock; while (what we need is not so) wait; ...; release the lock
//
// Who waits gives the lock away, and has it again when it is resumed, also when its wait was
// cancelled. Who is notified stands in the line of the lock, so it is resumed once, not first to
// find the lock held. As with all conditions, another task may have been there before: look again.
#pragma once

#include <cassert>
#include <cstddef>
#include <limits>

#include "impls/lib/sync/lock.hpp"
#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

class Condition final : public Line {
 public:
  Condition(RunQueue& run_queue, Lock& lock) : Line(run_queue), lock_(lock) {}

  // By the task that holds the lock. It has to wait, always.
  void wait(Waiter& waiter) {
    assert(lock_.held());
    enter(waiter);
    lock_.release();
  }

  // Has so many go on that wait now, as soon as they get the lock. If one of them gives up before,
  // the next is notified in its place.
  void notify(std::size_t tasks = 1) {
    for (; tasks > 0 && has_waiters(); --tasks) {
      send_first_to(lock_);
      give_lock();
    }
  }
  void notify_all() { notify(std::numeric_limits<std::size_t>::max()); }

 private:
  void pass_on() override { notify(); }

  void on_cancel(Waiter& waiter) override {
    send_cancelled_to(lock_, waiter);
    give_lock();
  }

  // To the first in its line, if nobody has it.
  void give_lock() {
    if (lock_.held_) return;
    lock_.held_ = true;
    lock_.release();
  }

  Lock& lock_;
};

}  // namespace waitbench
