// What the tasks do whose waiting for each other is measured.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>

#include "harness/switch/ring.hpp"
#include "impls/lib/sync/condition.hpp"
#include "impls/lib/sync/event.hpp"
#include "impls/lib/sync/queue.hpp"
#include "impls/lib/sync/waiter.hpp"

namespace waitbench::micro {

// Counts operations in the shape of the loop that is subtracted.
class Laps {
 public:
  explicit Laps(benchmark::State& state) : state_(state) {}

  bool more() {
    if (--left_ > 0) return true;
    left_ = at_once;
    return state_.KeepRunningBatch(at_once);
  }

 private:
  static constexpr auto at_once = static_cast<long>(ring_sizes.front().contexts);

  benchmark::State& state_;
  long left_ = 0;
};

// One task that always has at once what it wants, and gives it back.
template <class Primitive>
struct Alone {
  Primitive& primitive;
  Laps laps;

  bool begin(Waiter& self) {
    benchmark::DoNotOptimize(&primitive);
    return primitive.acquire(self);
  }
  bool finish(bool) {
    benchmark::ClobberMemory();
    primitive.release();
    return laps.more();
  }
};

struct AloneWithEvent {
  Event& event;
  Laps laps;

  bool begin(Waiter& self) {
    benchmark::DoNotOptimize(&event);
    return event.wait(self);
  }
  bool finish(bool) {
    benchmark::ClobberMemory();
    return laps.more();
  }
};

// Puts an item and gets it, in turn.
struct AloneWithQueue {
  Queue<int>& queue;
  Laps laps;
  bool putting = true;

  bool begin(Waiter& self) {
    benchmark::DoNotOptimize(&queue);
    return putting ? queue.begin_put(self) : queue.begin_get(self);
  }
  bool finish(bool) {
    if (putting) {
      queue.finish_put(1);
      putting = false;
      return true;
    }
    benchmark::DoNotOptimize(queue.finish_get());
    putting = true;
    return laps.more();
  }
};

// One of many that want the same, and give it to the next as soon as they have it.
template <class Primitive>
struct Contender {
  Primitive& primitive;

  bool begin(Waiter& self) { return primitive.acquire(self); }
  bool finish(bool) {
    primitive.release();
    return true;
  }
};

// Who listens is woken with all others, and listens again.
struct Listener {
  Event& event;

  bool begin(Waiter& self) { return event.wait(self); }
  bool finish(bool) { return true; }
};

// Who is notified has the lock, and gives it away by waiting again; before that it may notify.
struct Notified {
  Condition& condition;
  bool notifies_next;

  bool begin(Waiter& self) {
    condition.wait(self);
    return false;
  }
  bool finish(bool) {
    if (notifies_next) condition.notify();
    return true;
  }
};

// Every other one puts, the others get.
struct Trader {
  Queue<int>& queue;
  bool puts;
  std::size_t& got;

  bool begin(Waiter& self) { return puts ? queue.begin_put(self) : queue.begin_get(self); }
  bool finish(bool) {
    if (puts) {
      queue.finish_put(1);
    } else {
      benchmark::DoNotOptimize(queue.finish_get());
      ++got;
    }
    return true;
  }
};

}  // namespace waitbench::micro
