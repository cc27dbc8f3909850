// A counting semaphore among tasks of one loop: as many of them go on as there are permits.
#pragma once

#include <cstddef>

#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

class Semaphore final : public Line {
 public:
  Semaphore(RunQueue& run_queue, std::size_t permits) : Line(run_queue), permits_(permits) {}

  // That nobody has. There are none while somebody waits.
  std::size_t permits() const { return permits_; }

  // Whether the waiter's task has a permit now. If not, it waits, and has one when it is resumed,
  // unless its wait was cancelled.
  bool acquire(Waiter& waiter) {
    if (try_acquire()) return true;
    enter(waiter);
    return false;
  }

  bool try_acquire() {
    if (permits_ == 0) return false;
    --permits_;
    return true;
  }

  // By any task, or by the loop.
  void release(std::size_t permits = 1) {
    for (; permits > 0 && has_waiters(); --permits) grant_first();
    permits_ += permits;
  }

 private:
  void pass_on() override { release(); }

  std::size_t permits_;
};

}  // namespace waitbench
