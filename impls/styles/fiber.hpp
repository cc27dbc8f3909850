// fiber: a stack of its own remembers where we were, and the kernel does not know about it.
//
// A conversation reads as it would with a thread of its own: functions call functions, any of which
// may wait, and none of which is marked as such. To wait is to switch back to the loop's stack:
// registers are saved and loaded, which takes some nanoseconds, and the other stack is often not in
// the caches. The memory per conversation is the page or two that its stack touches, which is more
// than any frame. The limit is address space and memory.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "impls/engine.hpp"
#include "impls/lib/nested_call.hpp"
#include "impls/lib/stackful_task.hpp"
#include "impls/lib/stacks.hpp"
#include "impls/settings.hpp"

namespace waitbench {

template <class E>
class Fiber {
 public:
  static constexpr std::string_view name = "fiber", phrase = "fibers, each with a stack, on";

  struct Slot : E::Channel {
    StackfulTask fiber;
    Outcome outcome = 0;  // of the step that ended last
  };

  Fiber(E& engine, const Settings& settings, std::size_t conversations)
      : engine_(engine), depth_(settings.depth), stacks_(conversations) {}

  bool start(Slot& slot, Conversation& conversation) {
    slot.fiber.prepare(stacks_[begun_++],
                       [this, &slot, &conversation] { converse(slot, conversation); });
    return resume(slot, 0);
  }

  bool resume(Slot& slot, Outcome outcome) {
    slot.outcome = outcome;
    slot.fiber.resume();
    if (!slot.fiber.done()) return false;
    slot.fiber.result();  // throws what was thrown on its stack
    return true;
  }

 private:
  void converse(Slot& slot, Conversation& conversation) {
    for (Step step = conversation.resume(0); step.kind != StepKind::done;)
      step = conversation.resume(call_nested(depth_, [&] { return perform(slot, step); }));
  }

  // Returns when the step is done. To its caller it is a blocking call, but other fibers run until
  // then.
  Outcome perform(Slot& slot, Step step) {
    if (const std::optional<Outcome> now = engine_.start(slot, step)) return *now;
    slot.fiber.suspend();
    return slot.outcome;
  }

  E& engine_;
  std::size_t depth_;
  Stacks stacks_;
  std::size_t begun_ = 0;
};

}  // namespace waitbench
