// fiber: a stack of its own remembers where we were, and the kernel does not know about it.
//
// A conversation reads as it would with a thread of its own: functions call functions, any of which
// may wait, and none of which is marked as such. To wait is to switch back to the loop's stack:
// registers are saved and loaded, which takes some nanoseconds, and the other stack is often not in
// the caches. To join others is to start a fiber for each, and to suspend until the last has ended.
// The memory per conversation is the page or two that its stack touches, which is more
// than any frame. The limit is address space and memory.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string_view>

#include "impls/engine.hpp"
#include "impls/lib/nested_call.hpp"
#include "impls/lib/stackful_task.hpp"
#include "impls/lib/stacks.hpp"
#include "impls/settings.hpp"
#include "impls/styles/counted_join.hpp"

namespace waitbench {

template <class E>
class Fiber {
 public:
  static constexpr std::string_view name = "fiber", phrase = "fibers, each with a stack, on";

  struct Slot : E::Channel, CountedJoin<Slot> {
    StackfulTask fiber;
    Outcome outcome = 0;  // of the step that ended last
    std::span<std::byte> stack;
  };

  Fiber(E& engine, const Settings& settings, std::size_t conversations)
      : engine_(engine), depth_(settings.depth), stacks_(conversations) {}

  bool start(Slot& slot, Conversation& conversation) {
    if (slot.stack.empty()) slot.stack = stacks_[begun_++];
    slot.fiber.prepare(slot.stack, [this, &slot, &conversation] { converse(slot, conversation); });
    return resume(slot, 0);
  }

  bool resume(Slot& slot, Outcome outcome) {
    slot.outcome = outcome;
    slot.fiber.resume();
    if (!slot.fiber.done()) return false;
    slot.fiber.result();  // throws what was thrown on its stack
    return end_counted(*this, slot);
  }

 private:
  void converse(Slot& slot, Conversation& conversation) {
    for (Step step = conversation.resume(0); step.kind != StepKind::done;)
      step = conversation.resume(call_nested(depth_, [&] { return perform(slot, step); }));
  }

  // Returns when the step is done. To its caller it is a blocking call, but other fibers run until
  // then.
  Outcome perform(Slot& slot, Step step) {
    if (step.kind == StepKind::join) return join(slot, step.children());
    if (const std::optional<Outcome> now = engine_.start(slot, step)) return *now;
    slot.fiber.suspend();
    return slot.outcome;
  }

  Outcome join(Slot& slot, std::span<Conversation* const> children) {
    if (!slot.children) make_children(slot, children.size());
    if (!start_children(*this, slot, children)) slot.fiber.suspend();
    return 0;
  }

  void make_children(Slot& slot, std::size_t number) {
    slot.make_children(slot, number);
    const Stacks& stacks = stacks_of_children_.emplace_back(number);
    for (std::size_t i = 0; i < number; ++i) slot.children[i].stack = stacks[i];
  }

  E& engine_;
  std::size_t depth_;
  Stacks stacks_;
  std::deque<Stacks> stacks_of_children_;
  std::size_t begun_ = 0;
};

}  // namespace waitbench
