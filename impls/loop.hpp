// One event loop, which all the user-level models share. It owns the engine and a slot for each
// conversation, starts them all, and then waits and passes on outcomes until the last conversation
// is done. Beside the engine, it waits for what its tasks let each other do (scheduler.hpp). What
// happens to a conversation between two waits is the style's business.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

#include "impls/engine.hpp"
#include "impls/model.hpp"
#include "impls/scheduler.hpp"
#include "impls/settings.hpp"

namespace waitbench {

// A style's Slot derives from the scheduler's Channel and keeps what the style must remember of a
// conversation. start() runs it up to its first wait, and resume() from one wait to the next; both
// return whether it is done.
template <template <class> class Style, Engine E>
class Loop : public Model {
 public:
  // The last `background` conversations are not waited for: they may be dropped in mid-step.
  explicit Loop(std::span<Conversation* const> conversations, const Settings& settings = {},
                std::size_t background = 0)
      : conversations_(conversations),
        background_(background),
        engine_(make_engine(settings)),
        scheduler_(engine_, settings.run_queue),
        style_(scheduler_, settings, conversations.size()),
        slots_(std::make_unique<Slot[]>(conversations.size())) {}

  void run() override {
    std::size_t live = conversations_.size();
    for (std::size_t i = 0; i < conversations_.size(); ++i)
      live -= style_.start(slots_[i], *conversations_[i]);
    while (live > background_) {
      scheduler_.wait([&](typename Scheduler<E>::Channel& channel, Outcome outcome) {
        live -= style_.resume(static_cast<Slot&>(channel), outcome);
      });
    }
  }

 private:
  using Slot = typename Style<Scheduler<E>>::Slot;

  static E make_engine(const Settings& settings) {
    if constexpr (std::is_constructible_v<E, const Settings&>)
      return E(settings);
    else
      return E();
  }

  std::span<Conversation* const> conversations_;
  std::size_t background_;
  E engine_;
  Scheduler<E> scheduler_;
  Style<Scheduler<E>> style_;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace waitbench
