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
#include <optional>
#include <span>
#include <string_view>

#include "impls/engine.hpp"
#include "impls/lib/nested_call.hpp"
#include "impls/settings.hpp"
#include "impls/styles/counted_join.hpp"

namespace waitbench {

template <class E>
class Callback {
 public:
  static constexpr std::string_view name = "callback", phrase = "callbacks on";

  struct Slot : E::Channel, CountedJoin<Slot> {
    Conversation* conversation = nullptr;
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
      if (step.kind == StepKind::done) return end_counted(*this, slot);
      now = call_nested(depth_, [&] { return perform(slot, step); });
    }
    return false;
  }

 private:
  std::optional<Outcome> perform(Slot& slot, Step step) {
    return step.kind == StepKind::join ? join(slot, step.children()) : engine_.start(slot, step);
  }

  std::optional<Outcome> join(Slot& slot, std::span<Conversation* const> children) {
    if (!slot.children) slot.make_children(slot, children.size());
    return start_children(*this, slot, children) ? std::optional<Outcome>(0) : std::nullopt;
  }

  E& engine_;
  std::size_t depth_;
};

}  // namespace waitbench
