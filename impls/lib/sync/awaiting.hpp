// How a coroutine waits for another task of its loop.
//
//   if (co_await wait_for(slot, [&](Waiter& self) { return lock.acquire(self); })) ... else
//   cancelled
//
// The loop takes slots from its run queue and calls resume(). A coroutine that is destroyed while
// it waits leaves its line.
#pragma once

#include <coroutine>
#include <utility>

#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

// The slot of a coroutine.
class CoroutineWaiter : public Waiter {
 public:
  void resume() const { coroutine_.resume(); }

 private:
  template <class Begin>
  friend class Awaiting;

  std::coroutine_handle<> coroutine_;
};

// `begin` is called with the slot, and says whether the coroutine has at once what it wants.
template <class Begin>
class [[nodiscard]] Awaiting {
 public:
  Awaiting(CoroutineWaiter& slot, Begin begin) : slot_(slot), begin_(std::move(begin)) {}
  Awaiting(const Awaiting&) = delete;
  Awaiting& operator=(const Awaiting&) = delete;
  ~Awaiting() {
    if (suspended_) slot_.leave();
  }

  bool await_ready() { return begin_(slot_); }
  void await_suspend(std::coroutine_handle<> coroutine) {
    slot_.coroutine_ = coroutine;
    suspended_ = true;
  }
  // Whether it has what it waited for: its wait was not cancelled.
  bool await_resume() { return !std::exchange(suspended_, false) || !slot_.take_cancelled(); }

 private:
  CoroutineWaiter& slot_;
  Begin begin_;
  bool suspended_ = false;
};

template <class Begin>
Awaiting<Begin> wait_for(CoroutineWaiter& slot, Begin begin) {
  return {slot, std::move(begin)};
}

}  // namespace waitbench
