// One event loop, which all the user-level models share. It owns the engine and a slot for each
// conversation, starts them all, and then waits and passes on outcomes until the last conversation
// is done. What happens to a conversation between two waits is the style's business.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "impls/engine.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

// Style<E>::Slot derives from E::Channel and keeps what the style must remember of a conversation.
// start() runs it up to its first wait, and resume() from one wait to the next; both return whether
// it is done.
template <template <class> class Style, Engine E>
class Loop : public Model {
 public:
  // The last `background` conversations are not waited for: they may be dropped in mid-step.
  explicit Loop(std::span<Conversation* const> conversations, const Settings& settings = {},
                std::size_t background = 0)
      : conversations_(conversations),
        background_(background),
        style_(engine_, settings, conversations.size()),
        slots_(std::make_unique<Slot[]>(conversations.size())) {}

  void run() override {
    std::size_t live = conversations_.size();
    for (std::size_t i = 0; i < conversations_.size(); ++i)
      live -= style_.start(slots_[i], *conversations_[i]);
    while (live > background_) {
      engine_.wait([&](typename E::Channel& channel, Outcome outcome) {
        live -= style_.resume(static_cast<Slot&>(channel), outcome);
      });
    }
  }

 private:
  using Slot = typename Style<E>::Slot;

  std::span<Conversation* const> conversations_;
  std::size_t background_;
  E engine_;
  Style<E> style_;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace waitbench
