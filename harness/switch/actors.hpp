// Tasks of one loop that wait for each other, in every style. What they do is an actor's business;
// who remembers where it was while it waits is the style's.
//
//   do granted = actor.begin(slot) or wait; while (actor.finish(granted));
//
// begin() says whether the actor has at once what it wants; finish() is told whether it was granted
// it, and says whether there is more to do.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "impls/lib/generator.hpp"
#include "impls/lib/stacks.hpp"
#include "impls/lib/sync/awaiting.hpp"
#include "impls/lib/sync/waiter.hpp"
#include "impls/lib/task.hpp"
#if WAITBENCH_WITH_FIBERS
#include "impls/lib/stackful_task.hpp"
#endif

namespace waitbench::micro {

// Each of them has a slot. start() runs up to the first wait, and resume() from one to the next;
// both throw what the actor throws.
template <class Actor>
class CallbackActing : public Waiter {
 public:
  static constexpr std::string_view style = "callback";

  void start(Actor& actor) {
    actor_ = &actor;
    if (actor.begin(*this)) go_on(true);
  }
  void resume() { call_back_(*this); }

 private:
  void go_on(bool granted) {
    while (actor_->finish(granted)) {
      if (!actor_->begin(*this)) return;
      granted = true;
    }
  }

  Actor* actor_ = nullptr;
  // What a loop knows of any callback, whoever's it is.
  void (*call_back_)(CallbackActing&) = [](CallbackActing& self) {
    self.go_on(!self.take_cancelled());
  };
};

template <class Actor>
class GeneratorActing : public Waiter {
 public:
  static constexpr std::string_view style = "generator";

  void start(Actor& actor) {
    acts_ = act(actor);
    acts_->next();
  }
  void resume() { acts_->next(); }

 private:
  Generator<std::monostate> act(Actor& actor) {
    bool granted = true;
    do {
      granted = actor.begin(*this);
      if (!granted) {
        co_yield {};
        granted = !take_cancelled();
      }
    } while (actor.finish(granted));
  }

  std::optional<Generator<std::monostate>> acts_;
};

template <class Actor>
class CoroutineActing : public CoroutineWaiter {
 public:
  static constexpr std::string_view style = "coroutine";

  void start(Actor& actor) {
    task_ = act(actor);
    task_.start();
    rethrow_failure();
  }
  void resume() {
    CoroutineWaiter::resume();
    rethrow_failure();
  }

 private:
  Task<> act(Actor& actor) {
    while (actor.finish(
        co_await wait_for(*this, [&actor](Waiter& self) { return actor.begin(self); }))) {
    }
  }

  void rethrow_failure() {
    if (task_.done()) task_.result();
  }

  Task<> task_;
};

#if WAITBENCH_WITH_FIBERS
template <class Actor>
class FiberActing : public Waiter {
 public:
  static constexpr std::string_view style = "fiber";

  // Before it is started.
  void lend_stack(std::span<std::byte> stack) { stack_ = stack; }

  void start(Actor& actor) {
    fiber_.prepare(stack_, [this, &actor] {
      while (actor.finish(actor.begin(*this) || wait())) {
      }
    });
    resume();
  }
  void resume() {
    fiber_.resume();
    if (fiber_.done()) fiber_.result();
  }

 private:
  bool wait() {
    fiber_.suspend();
    return !take_cancelled();
  }

  std::span<std::byte> stack_;
  StackfulTask fiber_;
};
#endif

// The tasks of a loop, which are started one by one.
template <class Acting>
class Cast {
 public:
  explicit Cast(std::size_t tasks)
      : stacks_(has_stacks ? tasks : 0), tasks_(std::make_unique<std::optional<Acting>[]>(tasks)) {
    for (std::size_t i = 0; i < tasks; ++i) renew(i);
  }

  Acting& operator[](std::size_t i) const { return *tasks_[i]; }

  // Drops a task, wherever it stands but while it runs, and has another in its place.
  Acting& renew(std::size_t i) {
    Acting& task = tasks_[i].emplace();
    if constexpr (has_stacks) task.lend_stack(stacks_[i]);
    return task;
  }

 private:
  static constexpr bool has_stacks = requires(Acting & task) { task.lend_stack({}); };

  Stacks stacks_;
  std::unique_ptr<std::optional<Acting>[]> tasks_;
};

// All that is runnable, until nobody is, for tasks of one kind.
template <class Acting>
void run_until_idle(RunQueue& run_queue) {
  while (Waiter* next = run_queue.take()) static_cast<Acting*>(next)->resume();
}

}  // namespace waitbench::micro
