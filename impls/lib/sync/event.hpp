// Something that happens, for which any number of tasks of one loop may wait. Once it is set nobody
// waits for it, until it is cleared.
#pragma once

#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

class Event final : public Line {
 public:
  explicit Event(RunQueue& run_queue) : Line(run_queue) {}

  bool is_set() const { return set_; }

  // Whether it is set. If not, the waiter's task waits until it is.
  bool wait(Waiter& waiter) {
    if (set_) return true;
    enter(waiter);
    return false;
  }

  // All who wait go on, also if it is cleared before their turn.
  void set() {
    set_ = true;
    while (has_waiters()) grant_first();
  }
  void clear() { set_ = false; }

 private:
  void pass_on() override {}  // it takes nothing from it that somebody has gone on

  bool set_ = false;
};

}  // namespace waitbench
