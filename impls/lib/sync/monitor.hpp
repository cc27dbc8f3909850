// Lets threads wait in the lines that tasks of a loop wait in. One implementation of who is next
// then serves both.
//
// A mutex takes the place of "all of it belongs to one thread". A thread that has to wait sleeps at
// a condition variable of its own, so the one that is next is woken, and nobody else; and whoever
// gives something back wakes those that may go on, as a loop resumes them.
#pragma once

#include <condition_variable>
#include <mutex>

#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

class Monitor {
 public:
  // Of the lines that are protected by this monitor.
  RunQueue& run_queue() { return run_queue_; }

  // `begin` is called with the thread's slot, and says whether the thread has at once what it
  // wants. Returns when it has it. `finish` is called then, before anybody else comes in.
  template <class Begin, class Finish>
  void acquire(Begin begin, Finish finish) {
    Thread self;
    std::unique_lock lock(mutex_);
    if (!begin(self)) self.woken.wait(lock, [&] { return self.goes_on; });
    finish();
  }

  template <class GiveBack>
  void release(GiveBack give_back) {
    const std::lock_guard lock(mutex_);
    give_back();
    run_queue_.run_turn([](Waiter& waiter) {
      auto& thread = static_cast<Thread&>(waiter);
      thread.goes_on = true;
      thread.woken.notify_one();
    });
  }

 private:
  struct Thread : Waiter {
    std::condition_variable woken;
    bool goes_on = false;
  };

  std::mutex mutex_;
  RunQueue run_queue_;
};

}  // namespace waitbench
