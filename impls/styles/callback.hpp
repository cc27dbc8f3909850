// callback: the programmer remembers where we were.
//
// The conversation's own object holds its state, and a function is called with every outcome.
// Nothing is switched: to go on is one call, and to wait is to return. To join others is to count
// them: whoever comes last calls who waits for them. It costs the least time and
// the least memory of all styles (some pointers for each conversation), and the programmer the most
// work, since what is one procedure in another style is cut into pieces at each wait. resume()
// loops because a step may be done at once: to call itself would grow the stack. The style has no
// limit of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "impls/engine.hpp"
#include "impls/lib/nested_call.hpp"
#include "impls/settings.hpp"

namespace waitbench {

template <class E>
class Callback {
 public:
  static constexpr std::string_view name = "callback", phrase = "callbacks on";

  struct Slot : E::Channel {
    Conversation* conversation = nullptr;
    Slot* parent = nullptr;            // which joins this one; null: nobody does
    std::unique_ptr<Slot[]> children;  // kept from one join to the next, as their connections are
    std::size_t left = 0;              // of the children, those that are not done
  };

  Callback(E& engine, const Settings& settings, std::size_t)
      : engine_(engine), depth_(settings.depth) {}

  bool start(Slot& slot, Conversation& conversation) {
    slot.conversation = &conversation;
    return resume(slot, 0);
  }

  bool resume(Slot& slot, Outcome outcome) {
    for (std::optional<Outcome> now = outcome; now;) {
      const Step step = slot.conversation->resume(*now);
      if (step.kind == StepKind::done) return end(slot);
      now = call_nested(depth_, [&] { return perform(slot, step); });
    }
    return false;
  }

 private:
  std::optional<Outcome> perform(Slot& slot, Step step) {
    return step.kind == StepKind::join ? join(slot, step.children()) : engine_.start(slot, step);
  }

  // While we start them we count as one more, so that none of them calls us back before the end.
  std::optional<Outcome> join(Slot& slot, std::span<Conversation* const> children) {
    if (!slot.children) slot.children = std::make_unique<Slot[]>(children.size());
    slot.left = children.size() + 1;
    for (std::size_t i = 0; i < children.size(); ++i) {
      slot.children[i].parent = &slot;
      start(slot.children[i], *children[i]);
    }
    return --slot.left == 0 ? std::optional<Outcome>(0) : std::nullopt;
  }

  // Whether a conversation that nobody joins is done by that.
  bool end(Slot& slot) {
    return slot.parent == nullptr || (--slot.parent->left == 0 && resume(*slot.parent, 0));
  }

  E& engine_;
  std::size_t depth_;
};

}  // namespace waitbench
