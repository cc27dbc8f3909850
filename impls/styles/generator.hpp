// generator: a generator's frame remembers where we were.
//
// The older half of a coroutine: it yields the step to its driver, and is sent the outcome. So it
// returns to its driver, the loop in drive(), at every step, also when the step is done at once. A
// wait costs what a coroutine's does: an indirect call in, and a return out. A nested generator is
// resumed directly by the driver (`yield from`); every caller between here and the driver must be a
// generator too. To join others is to yield them: the driver drives each, and counts their ends.
// The memory per conversation is the frame, a few hundred bytes, and memory is the limit.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "impls/engine.hpp"
#include "impls/lib/generator.hpp"
#include "impls/settings.hpp"
#include "impls/styles/counted_join.hpp"

namespace waitbench {

// Yields the step, from within as many generators as are asked for, and returns its outcome.
inline Generator<Step, Outcome, Outcome> ask_through(std::size_t helpers, Step step) {
  if (helpers == 1) co_return co_yield step;
  co_return co_yield from(ask_through(helpers - 1, step));
}

// A whole conversation. It knows nothing of engines: what happens to a step is its driver's choice.
inline Generator<Step, Outcome> steps_of(Conversation& conversation, std::size_t depth) {
  for (Step step = conversation.resume(0); step.kind != StepKind::done;) {
    if (depth == 1)
      step = conversation.resume(co_yield step);
    else
      step = conversation.resume(co_yield from(ask_through(depth - 1, step)));
  }
}

template <class E>
class GeneratorStyle {
 public:
  static constexpr std::string_view name = "generator", phrase = "generators driven by";

  struct Slot : E::Channel, CountedJoin<Slot> {
    std::optional<Generator<Step, Outcome>> steps;
  };

  GeneratorStyle(E& engine, const Settings& settings, std::size_t)
      : engine_(engine), depth_(settings.depth) {}

  bool start(Slot& slot, Conversation& conversation) {
    slot.steps = steps_of(conversation, depth_);
    return drive(slot, slot.steps->next());
  }

  bool resume(Slot& slot, Outcome outcome) { return drive(slot, slot.steps->send(outcome)); }

 private:
  bool drive(Slot& slot, const Step* step) {
    while (step != nullptr) {
      const std::optional<Outcome> now = perform(slot, *step);
      if (!now) return false;
      step = slot.steps->send(*now);
    }
    slot.steps.reset();
    return end_counted(*this, slot);
  }

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
