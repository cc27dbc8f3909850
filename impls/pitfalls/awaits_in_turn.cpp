// A pitfall: coroutines on an event loop, each awaited before the next is started.
//
// Every wait is a co_await and nothing blocks, and yet it is the `blocking` model with an event
// loop added: to await is to wait. What was meant is to start them all, and then to wait for all.
// The mistake does not show in the results, only in the time they take.
#include "impls/pitfalls/models.hpp"

#include <coroutine>
#include <optional>

#include "impls/engines/epoll.hpp"
#include "impls/lib/task.hpp"

namespace waitbench {
namespace {

class AwaitsInTurn : public Model {
 public:
  explicit AwaitsInTurn(std::span<Conversation* const> conversations)
      : conversations_(conversations) {}

  void run() override {
    Task<> all = converse_with_all();
    all.start();
    while (!all.done()) {
      engine_.wait([](Epoll::Channel& channel, Outcome outcome) {
        Slot& slot = static_cast<Slot&>(channel);
        slot.outcome = outcome;
        slot.waiter.resume();
      });
    }
    all.result();
  }

 private:
  struct Slot : Epoll::Channel {
    std::coroutine_handle<> waiter;
    Outcome outcome = 0;
  };

  struct Performed {
    Epoll& engine;
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

  Task<> converse_with_all() {
    for (Conversation* conversation : conversations_) co_await converse(*conversation);  // here
  }

  Task<> converse(Conversation& conversation) {
    Slot slot;
    for (Step step = conversation.resume(0); step.kind != StepKind::done;)
      step = conversation.resume(co_await Performed{engine_, slot, step});
  }

  std::span<Conversation* const> conversations_;
  Epoll engine_;
};

}  // namespace

std::unique_ptr<Model> make_awaits_in_turn(std::span<Conversation* const> conversations,
                                           const Settings&) {
  return std::make_unique<AwaitsInTurn>(conversations);
}

}  // namespace waitbench
