// Tasks of one loop that wait for each other: what the primitives cost in each style.
//
// The loop does nothing but resume who is next in its run queue, so that what is measured is the
// primitive, the slot's way through the lists, and the style's switch.
#include <cstddef>
#include <string_view>

#include "harness/switch/actors.hpp"
#include "harness/switch/ring.hpp"
#include "harness/switch/sync_actors.hpp"
#include "impls/lib/sync/condition.hpp"
#include "impls/lib/sync/event.hpp"
#include "impls/lib/sync/lock.hpp"
#include "impls/lib/sync/queue.hpp"
#include "impls/lib/sync/semaphore.hpp"

namespace waitbench::micro {
namespace {

using benchmark::State;

template <class Acting, class Actor>
void act_alone(Actor actor) {
  Cast<Acting> cast(1);
  if (actor.laps.more()) cast[0].start(actor);
}

template <class Acting>
void resume_next(RunQueue& run_queue) {
  static_cast<Acting*>(run_queue.take())->resume();
}

template <template <class> class Acting, class Primitive>
void contend(State& state, std::size_t contenders, RunQueue& run_queue, Primitive& primitive) {
  using Task = Acting<Contender<Primitive>>;
  Contender<Primitive> contender{primitive};
  Cast<Task> cast(contenders);
  Waiter first;
  primitive.acquire(first);
  for (std::size_t i = 0; i < contenders; ++i) cast[i].start(contender);
  primitive.release();
  take_turns(state, contenders, [&](std::size_t) { resume_next<Task>(run_queue); });
}

// The benchmarks of one style.
template <template <class> class Acting>
struct InStyle {
  static void lock_alone(State& state, std::size_t) {
    RunQueue run_queue;
    Lock lock(run_queue);
    act_alone<Acting<Alone<Lock>>>(Alone<Lock>{lock, Laps(state)});
  }
  static void semaphore_alone(State& state, std::size_t) {
    RunQueue run_queue;
    Semaphore semaphore(run_queue, 1);
    act_alone<Acting<Alone<Semaphore>>>(Alone<Semaphore>{semaphore, Laps(state)});
  }
  static void event_alone(State& state, std::size_t) {
    RunQueue run_queue;
    Event event(run_queue);
    event.set();
    act_alone<Acting<AloneWithEvent>>(AloneWithEvent{event, Laps(state)});
  }
  static void queue_alone(State& state, std::size_t) {
    RunQueue run_queue;
    Queue<int> queue(run_queue, 1);
    act_alone<Acting<AloneWithQueue>>(AloneWithQueue{queue, Laps(state)});
  }

  static void lock(State& state, std::size_t contenders) {
    RunQueue run_queue;
    Lock lock(run_queue);
    contend<Acting>(state, contenders, run_queue, lock);
  }
  static void semaphore(State& state, std::size_t contenders) {
    RunQueue run_queue;
    Semaphore semaphore(run_queue, 1);
    contend<Acting>(state, contenders, run_queue, semaphore);
  }
  static void condition(State& state, std::size_t contenders) {
    wait_for_condition(state, contenders, true);
  }
  static void condition_for_all(State& state, std::size_t contenders) {
    wait_for_condition(state, contenders, false);
  }
  static void queue(State& state, std::size_t contenders) {
    using Task = Acting<Trader>;
    RunQueue run_queue;
    Queue<int> queue(run_queue, 1);
    std::size_t got = 0;
    Trader putting{queue, true, got}, getting{queue, false, got};
    Cast<Task> cast(contenders);
    for (std::size_t i = 0; i < contenders; i += 2) cast[i].start(getting);
    for (std::size_t i = 1; i < contenders; i += 2) cast[i].start(putting);
    take_turns(state, contenders, [&, wanted = got](std::size_t) mutable {
      for (++wanted; got < wanted;) resume_next<Task>(run_queue);
    });
  }
  static void event_for_all(State& state, std::size_t contenders) {
    using Task = Acting<Listener>;
    RunQueue run_queue;
    Event event(run_queue);
    Listener listener{event};
    Cast<Task> cast(contenders);
    for (std::size_t i = 0; i < contenders; ++i) cast[i].start(listener);
    take_turns(state, contenders, [&](std::size_t i) {
      if (i == 0) {
        event.set();
        event.clear();
      }
      resume_next<Task>(run_queue);
    });
  }

 private:
  static void wait_for_condition(State& state, std::size_t contenders, bool notifies_next) {
    using Task = Acting<Notified>;
    RunQueue run_queue;
    Lock lock(run_queue);
    Condition condition(run_queue, lock);
    Notified notified{condition, notifies_next};
    Cast<Task> cast(contenders);
    Waiter starter;
    for (std::size_t i = 0; i < contenders; ++i) {
      lock.try_acquire(starter);
      cast[i].start(notified);
    }
    if (notifies_next) condition.notify();
    take_turns(state, contenders, [&](std::size_t i) {
      if (i == 0 && !notifies_next) condition.notify_all();
      resume_next<Task>(run_queue);
    });
  }
};

struct Kind {
  std::string_view primitive;
  std::string_view situation;
  std::string_view operation;
  bool at_all_sizes = false;  // or only with the fewest and with the most
};

template <template <class> class Acting>
void add_style(std::vector<Benchmark>& all) {
  using Style = InStyle<Acting>;
  const std::string style(Acting<Listener>::style);
  const auto add = [&](Kind kind, void (*run)(State&, std::size_t)) {
    const bool alone = kind.situation == "uncontended";
    const std::size_t most = ring_sizes[3].contexts;
    for (const RingSize size : ring_sizes) {
      const bool few = size.contexts == ring_sizes.front().contexts;
      if (size.working_set_bytes > 0 || (alone && !few)) continue;
      if (!few && size.contexts != most && !kind.at_all_sizes) continue;
      Benchmark benchmark{.family = "sync",
                          .model = style,
                          .style = style,
                          .operation = std::string(kind.operation),
                          .axes = {.primitive = kind.primitive, .situation = kind.situation},
                          .baseline = loop_name(size),
                          .run = [=](State& state, CpuPair) { run(state, size.contexts); }};
      if (!alone) benchmark.axes.contexts = size.contexts;
      all.push_back(std::move(benchmark));
    }
  };
  constexpr std::string_view uncontended = "uncontended", handed_over = "handed-over",
                             one_wakes_all = "one-wakes-all";
  add({"lock", uncontended, "a task acquires a lock that is free, and releases it"},
      Style::lock_alone);
  add({"semaphore", uncontended, "a task acquires a permit that is there, and releases it"},
      Style::semaphore_alone);
  add({"event", uncontended, "a task waits for an event that is set"}, Style::event_alone);
  add({"queue", uncontended, "a task puts an item into a queue with room, and gets it out again"},
      Style::queue_alone);
  add({"lock", handed_over, "a task that has the lock releases it to the next, and waits again",
       true},
      Style::lock);
  add({"semaphore", handed_over,
       "a task that has the only permit releases it to the next, and waits again"},
      Style::semaphore);
  add({"condition", handed_over, "a task that has the lock notifies the next, and waits again"},
      Style::condition);
  add({"queue", handed_over,
       "an item goes through a queue for one, from one of those that put to one of those that get"},
      Style::queue);
  add({"event", one_wakes_all, "one of so many tasks is woken by an event, and waits again", true},
      Style::event_for_all);
  add({"condition", one_wakes_all,
       "one of so many tasks that are notified gets the lock, and waits again"},
      Style::condition_for_all);
}

}  // namespace

std::vector<Benchmark> sync_benchmarks() {
  std::vector<Benchmark> all;
  add_style<CallbackActing>(all);
  add_style<GeneratorActing>(all);
  add_style<CoroutineActing>(all);
#if WAITBENCH_WITH_FIBERS
  add_style<FiberActing>(all);
#endif
  return all;
}

}  // namespace waitbench::micro
