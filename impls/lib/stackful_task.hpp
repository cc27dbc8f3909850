// A function that runs on a stack of its own, and can be suspended inside any call.
//
// To switch is to save six registers and the stack pointer and to load the others': Boost.Context
// does it in a few nanoseconds, without the kernel.
#pragma once

#include <boost/context/fiber.hpp>
#include <cassert>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "impls/lib/coroutine_result.hpp"
#include "impls/lib/sanitizer_fiber_hooks.hpp"

namespace waitbench {

class StackfulTask {
 public:
  StackfulTask() = default;
  StackfulTask(const StackfulTask&) = delete;
  StackfulTask& operator=(const StackfulTask&) = delete;
  // One that is suspended is unwound, as if its suspend() had thrown.
  ~StackfulTask() {
    if (hooks_ && entered_ && !done()) unwind_with_hooks();
  }

  // Gets ready to run `body` at the first resume(). The stack is in use until the task is done, and
  // a task that is not done cannot be prepared anew.
  void prepare(std::span<std::byte> stack, std::function<void()> body);

  // From outside: returns when the task suspends itself, or is done. Only a task that was prepared
  // and is not done can be resumed.
  void resume() {
    assert(!done());
    if (hooks_) [[unlikely]]
      return resume_with_hooks();
    inside_ = std::move(inside_).resume();
  }

  // From within.
  void suspend() {
    assert(outside_);
    if (hooks_) [[unlikely]]
      return suspend_with_hooks();
    outside_ = std::move(outside_).resume();
  }
  // Also true of a task that was never prepared.
  bool done() const { return !inside_; }

  // Throws what the body threw; to be called when done.
  void result() {
    assert(done());
    result_.take_result();
  }

 private:
  // Under a sanitizer. The switches above are inlined for speed: a CPU predicts where a function
  // returns to from where it was called, and is wrong when the stack was changed in between.
  void resume_with_hooks();
  void suspend_with_hooks();
  void unwind_with_hooks();

  void run(const std::function<void()>& body);

  std::unique_ptr<SanitizerFiberHooks> hooks_;
  boost::context::fiber inside_;   // where the task stands, while it is suspended
  boost::context::fiber outside_;  // where its caller stands, while it runs
  CoroutineResult<void> result_;
  bool entered_ = false;  // at least once: there is something to unwind
};

}  // namespace waitbench
