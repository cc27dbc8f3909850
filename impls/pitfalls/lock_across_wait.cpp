// A pitfall: coroutines that hold a lock, which all of them share, while they wait for their
// replies.
//
// The lock was meant for what is done with a reply: it keeps others out for microseconds there, and
// in one loop nobody would even notice. To await under it keeps them out for as long as the backend
// takes. All of them are started, none blocks its thread, and yet one query at a time is asked.
#include "impls/pitfalls/models.hpp"

#include <coroutine>
#include <optional>

#include "impls/engines/epoll.hpp"
#include "impls/lib/sync/lock.hpp"
#include "impls/lib/task.hpp"
#include "impls/loop.hpp"

namespace waitbench {
namespace {

struct SharedLock final : Acquirable {
  explicit SharedLock(RunQueue& run_queue) : lock(run_queue) {}
  bool acquire(Waiter& task) override { return lock.acquire(task); }

  Lock lock;
};

template <class E>
class LocksAcrossWaits {
 public:
  struct Slot : E::Channel {
    Task<> task;
    std::coroutine_handle<> waiter;
    Outcome outcome = 0;
  };

  LocksAcrossWaits(E& engine, const Settings& settings, std::size_t)
      : engine_(engine), shared_(*settings.run_queue) {}

  bool start(Slot& slot, Conversation& conversation) {
    slot.task = converse(slot, conversation);
    slot.task.start();
    return ended(slot);
  }

  bool resume(Slot& slot, Outcome outcome) {
    slot.outcome = outcome;
    slot.waiter.resume();
    return ended(slot);
  }

 private:
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
      co_await Performed{engine_, slot, Step::acquire(shared_)};
      do step = conversation.resume(co_await Performed{engine_, slot, step});  // here
      while (step.kind != StepKind::done && !step.begins_task);
      shared_.lock.release();
    }
  }

  static bool ended(Slot& slot) {
    if (!slot.task.done()) return false;
    slot.task.result();
    return true;
  }

  E& engine_;
  SharedLock shared_;
};

}  // namespace

std::unique_ptr<Model> make_lock_across_wait(std::span<Conversation* const> conversations,
                                             const Settings& settings) {
  return std::make_unique<Loop<LocksAcrossWaits, Epoll>>(conversations, settings);
}

}  // namespace waitbench
