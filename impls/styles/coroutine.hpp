// coroutine: a stackless coroutine's frame remembers where we were.
//
// C++20: the compiler turns the function into a state object (the frame, on the heap), in which the
// locals that live across a wait are kept. `co_await` either goes on at once or returns to the loop
// that resumed us: a wait costs an indirect call, some nanoseconds. Only this one function is
// suspended, so every caller between here and the loop must be a coroutine too. To join others is
// to await them all: each is a coroutine of its own, and the last that ends resumes who awaits. The
// memory per conversation is the frame, a few hundred bytes, and memory is the limit.
#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "impls/engine.hpp"
#include "impls/lib/task.hpp"
#include "impls/lib/when.hpp"
#include "impls/settings.hpp"

namespace waitbench {

template <class E>
class Coroutine {
 public:
  static constexpr std::string_view name = "coroutine", phrase = "stackless C++20 coroutines on";

  struct Slot : E::Channel {
    Task<> task;
    std::coroutine_handle<> waiter;    // the coroutine that awaits the step under way
    Outcome outcome = 0;               // of the step that ended last
    Slot* outermost = this;            // who joins this one, through however many
    std::unique_ptr<Slot[]> children;  // kept from one join to the next, as their connections are
  };

  Coroutine(E& engine, const Settings& settings, std::size_t)
      : engine_(engine), depth_(settings.depth) {}

  bool start(Slot& slot, Conversation& conversation) {
    slot.task = converse(slot, conversation);
    slot.task.start();
    return ended(slot);
  }

  bool resume(Slot& slot, Outcome outcome) {
    slot.outcome = outcome;
    slot.waiter.resume();
    return ended(*slot.outermost);
  }

 private:
  // What `co_await` needs: whether the step is done already, whom to resume, and what to return.
  struct Performed {
    E& engine;
    Slot& slot;
    Step step;

    bool await_ready() {
      const std::optional<Outcome> now = engine.start(slot, step);
      if (now) slot.outcome = *now;
      return now.has_value();
    }
    void await_suspend(std::coroutine_handle<> waiter) { slot.waiter = waiter; }
    Outcome await_resume() const { return slot.outcome; }
  };

  Task<> converse(Slot& slot, Conversation& conversation) {
    for (Step step = conversation.resume(0); step.kind != StepKind::done;) {
      if (step.kind == StepKind::join)
        step = conversation.resume(co_await join(slot, step.children()));
      else if (depth_ == 1)
        step = conversation.resume(co_await Performed{engine_, slot, step});
      else
        step = conversation.resume(co_await perform_through(depth_ - 1, slot, step));
    }
  }

  Task<Outcome> perform_through(std::size_t helpers, Slot& slot, Step step) {
    if (helpers == 1) co_return co_await Performed{engine_, slot, step};
    co_return co_await perform_through(helpers - 1, slot, step);
  }

  Task<Outcome> join(Slot& slot, std::span<Conversation* const> children) {
    if (!slot.children) slot.children = std::make_unique<Slot[]>(children.size());
    std::vector<Task<>> tasks;
    tasks.reserve(children.size());
    for (std::size_t i = 0; i < children.size(); ++i) {
      slot.children[i].outermost = slot.outermost;
      tasks.push_back(converse(slot.children[i], *children[i]));
    }
    co_await when_all(std::move(tasks));
    co_return 0;
  }

  static bool ended(Slot& slot) {
    if (!slot.task.done()) return false;
    slot.task.result();  // throws what the coroutine threw
    return true;
  }

  E& engine_;
  std::size_t depth_;
};

}  // namespace waitbench
