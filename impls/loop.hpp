// One event loop: what all the user-level models share. It owns the engine and a slot for each
// conversation, starts them all, and then waits and hands out outcomes until the last is done. What
// happens to a conversation between two waits is the style's business.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "impls/engine.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

// Style<E>::Slot derives from E::Channel and keeps what the style must remember of a conversation.
// begin() runs it up to its first wait, proceed() from one wait to the next; both say whether it is
// done.
template <template <class> class Style, Engine E>
class Loop : public Model {
 public:
  // The last `background` conversations are not waited for: they may be dropped in mid-step.
  explicit Loop(std::span<Conversation* const> talks, const Settings& settings = {},
                std::size_t background = 0)
      : talks_(talks),
        background_(background),
        style_(engine_, settings, talks.size()),
        slots_(std::make_unique<Slot[]>(talks.size())) {}

  void run() override {
    std::size_t live = talks_.size();
    for (std::size_t i = 0; i < talks_.size(); ++i) live -= style_.begin(slots_[i], *talks_[i]);
    while (live > background_) {
      engine_.wait([&](typename E::Channel& channel, Outcome outcome) {
        live -= style_.proceed(static_cast<Slot&>(channel), outcome);
      });
    }
  }

 private:
  using Slot = typename Style<E>::Slot;

  std::span<Conversation* const> talks_;
  std::size_t background_;
  E engine_;
  Style<E> style_;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace waitbench
