// A pitfall: coroutines that are all started at once, where only so many may ask.
//
// To gather is to start everything that there is, and nothing in it says how much that may be: a
// thousand tasks are a thousand connections, at a backend that was promised ten. The semaphore is
// there, and everybody gives it back; what is forgotten is to await it. It does not show in the
// results, and in a test with few tasks not even in the load.
#include "impls/pitfalls/models.hpp"

#include "impls/engines/epoll.hpp"
#include "impls/loop.hpp"
#include "impls/styles/coroutine.hpp"

namespace waitbench {
namespace {

template <class E>
class WithoutPermit {
 public:
  using Channel = typename E::Channel;

  explicit WithoutPermit(E& engine) : engine_(engine) {}

  // A permit is acquired before a query; a lock, after its reply.
  std::optional<Outcome> start(Channel& channel, Step step) {
    if (step.kind == StepKind::acquire && step.begins_task) return 0;  // here
    return engine_.start(channel, step);
  }

 private:
  E& engine_;
};

template <class E>
class AsksAtOnce {
 public:
  using Slot = typename Coroutine<WithoutPermit<E>>::Slot;

  AsksAtOnce(E& engine, const Settings& settings, std::size_t conversations)
      : engine_(engine), style_(engine_, settings, conversations) {}

  bool start(Slot& slot, Conversation& conversation) { return style_.start(slot, conversation); }
  bool resume(Slot& slot, Outcome outcome) { return style_.resume(slot, outcome); }

 private:
  WithoutPermit<E> engine_;
  Coroutine<WithoutPermit<E>> style_;
};

}  // namespace

std::unique_ptr<Model> make_unbounded_fan_out(std::span<Conversation* const> conversations,
                                              const Settings& settings) {
  return std::make_unique<Loop<AsksAtOnce, Epoll>>(conversations, settings);
}

}  // namespace waitbench
