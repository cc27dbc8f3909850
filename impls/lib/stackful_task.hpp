// A function that runs on a stack of its own, and can be suspended in the midst of any call.
//
// To switch is to save six registers and the stack pointer and to load the others': Boost.Context
// does it in a few nanoseconds, without the kernel.
#pragma once

#include <boost/context/fiber.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "impls/lib/switch_announcer.hpp"

namespace waitbench {

class StackfulTask {
 public:
  StackfulTask() = default;
  StackfulTask(const StackfulTask&) = delete;
  StackfulTask& operator=(const StackfulTask&) = delete;
  // One that is suspended is unwound, as if its suspend() had thrown. Better let it end.
  ~StackfulTask() = default;

  // Gets ready to run `body`, which must not throw, at the first resume(). The stack is in use
  // until the task is done.
  void prepare(std::span<std::byte> stack, std::function<void()> body);

  // From outside: returns when the task suspends itself, or is done.
  void resume() {
    if (announcer_) [[unlikely]]
      return resume_announced();
    inside_ = std::move(inside_).resume();
  }

  // From within.
  void suspend() {
    if (announcer_) [[unlikely]]
      return suspend_announced();
    outside_ = std::move(outside_).resume();
  }
  bool done() const { return !inside_; }

 private:
  // Under a sanitizer. The switches above are inlined for the sake of speed: a CPU predicts where a
  // function returns to from who called it, and is wrong when the stack was changed meanwhile.
  void resume_announced();
  void suspend_announced();

  std::unique_ptr<SwitchAnnouncer> announcer_;
  boost::context::fiber inside_;   // where the task stands, while it is suspended
  boost::context::fiber outside_;  // where its caller stands, while it runs
};

}  // namespace waitbench
