// A coroutine with an owner: it starts when start() is called or when it is awaited, ends with a
// value or an exception, and its frame lives as long as the Task.
//
// Awaiting a Task runs it at once, on the stack of the coroutine that awaits it, as calling a
// function would. If it ends without having to wait, the caller goes on and was never suspended.
// Else it remembers the coroutine that awaits it, and resumes that when it ends. All of this
// happens on one thread. A Task can wait for anything that is Awaitable.
//
// A Task that was made by default or moved from has no coroutine. Nothing can be done with it but
// to assign one, and to destroy it: all else is asserted against in debug builds, and undefined in
// others.
#pragma once

#include <cassert>
#include <coroutine>
#include <utility>

#include "impls/lib/awaitable.hpp"
#include "impls/lib/coroutine_result.hpp"
#include "impls/lib/frame_pool.hpp"

namespace waitbench {

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type;

  Task() = default;
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  // For a task that nobody awaits. Runs up to the first suspension; to be called once.
  void start() {
    assert(has_body() && !done());
    frame_.resume();
  }
  bool done() const {
    assert(has_body());
    return frame_.done();
  }

  // For a task that was started and is not done: whom it resumes when it ends; null: nobody.
  void resume_at_end(std::coroutine_handle<> waiter) {
    assert(has_body() && !done());
    frame_.promise().waiter = waiter;
  }
  // Whether it ended by an exception, which result() throws.
  bool failed() const { return done() && frame_.promise().failed(); }

  // What the task returned or threw; to be called once, when done.
  T result() {
    assert(has_body() && done());
    return frame_.promise().take_result();
  }

  struct Awaiter {
    std::coroutine_handle<promise_type> child;

    bool await_ready() const noexcept { return false; }
    // False is "not suspended after all". To jump to the child (symmetric transfer) would be slower
    // for one that ends at once, and in unoptimised builds a stack that never shrinks.
    bool await_suspend(std::coroutine_handle<> waiter) const {
      child.resume();
      if (child.done()) return false;
      child.promise().waiter = waiter;
      return true;
    }
    T await_resume() const { return child.promise().take_result(); }
  };
  // Not for a task that is done, nor for one that was started.
  Awaiter operator co_await() && {
    assert(has_body() && !done());
    return {frame_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  bool has_body() const { return frame_ != nullptr; }

  std::coroutine_handle<promise_type> frame_;
};

template <class T>
struct Task<T>::promise_type : CoroutineResult<T>, AwaitsAwaitables, PooledFrame {
  std::coroutine_handle<> waiter;  // null as long as nobody had to wait

  // Going on with the waiter is a jump, not a call: through many levels that costs half, since a
  // CPU predicts no more than some sixteen returns. In unoptimised builds it is a call for each
  // level, from which we return at the waiter's next wait.
  struct HandOver {
    std::coroutine_handle<> waiter;

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept {
      return waiter ? waiter : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  Task get_return_object() {
    return Task(std::coroutine_handle<promise_type>::from_promise(*this));
  }
  std::suspend_always initial_suspend() noexcept { return {}; }
  HandOver final_suspend() noexcept { return {waiter}; }
};

}  // namespace waitbench
