// coroutine: a stackless coroutine's frame remembers where we were.
//
// C++20: the compiler turns the function into a state object (the frame, on the heap), in which the
// locals that live across a wait are kept. `co_await` either goes on at once or returns to whoever
// resumed us: a wait costs an indirect call, some nanoseconds. Only this one function is suspended:
// every caller between here and the loop must be a coroutine too. Memory per conversation is the
// frame, a few hundred bytes.
#pragma once

#include <coroutine>
#include <optional>

#include "impls/engine.hpp"
#include "impls/lib/task.hpp"
#include "impls/settings.hpp"

namespace waitbench {

template <class E>
class Coroutine {
 public:
  struct Slot : E::Channel {
    Task task;
    std::coroutine_handle<> waiter;  // who awaits the step under way
    Outcome outcome = 0;             // of the step that ended last
  };

  Coroutine(E& engine, const Settings&) : engine_(engine) {}

  bool begin(Slot& slot, Conversation& talk) {
    slot.task = converse(engine_, slot, talk);
    slot.task.start();
    return slot.task.done();
  }

  bool proceed(Slot& slot, Outcome outcome) {
    slot.outcome = outcome;
    slot.waiter.resume();
    return slot.task.done();
  }

 private:
  // What `co_await` needs to know: is it done already, whom to wake, and what to give back.
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

  static Task converse(E& engine, Slot& slot, Conversation& talk) {
    for (Step step = talk.resume(0); step.kind != Kind::done;)
      step = talk.resume(co_await Performed{engine, slot, step});
  }

  E& engine_;
};

}  // namespace waitbench
