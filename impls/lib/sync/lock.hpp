// A lock among tasks of one loop: one of them holds it, and the next in line is given it directly
// when it is released, so nobody comes in between.
#pragma once

#include <cassert>

#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

class Lock final : public Line {
 public:
  explicit Lock(RunQueue& run_queue) : Line(run_queue) {}

  bool held() const { return held_; }

  // Whether the waiter's task has it now. If not, it waits, and has it when it is resumed, unless
  // its wait was cancelled.
  bool acquire(Waiter& waiter) {
    if (try_acquire(waiter)) return true;
    enter(waiter);
    return false;
  }

  bool try_acquire(const Waiter& waiter) {
    if (held_) return false;
    holder_ = &waiter;
    return held_ = true;
  }

  // By the task that holds it.
  void release() {
    assert(held_);
    if (has_waiters())
      holder_ = &grant_first();
    else
      held_ = false;
  }

  const Waiter* held_by() const override { return held_ ? holder_ : nullptr; }

 private:
  friend class Condition;

  void pass_on() override { release(); }

  bool held_ = false;
  const Waiter* holder_ = nullptr;  // by which deadlocks are found; may be gone once it is not held
};

}  // namespace waitbench
