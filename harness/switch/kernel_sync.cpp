// Threads and processes that wait for each other: the same primitives, in which the kernel puts to
// sleep and wakes up.
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "harness/machine/placement.hpp"
#include "harness/switch/links.hpp"
#include "harness/switch/ring.hpp"
#include "impls/lib/children.hpp"
#include "impls/lib/sync/blocking.hpp"

namespace waitbench::micro {
namespace {

using benchmark::State;

// Memory for one object, which children of this process share.
template <class T>
class Shared {
 public:
  Shared() : memory_(map()), object_(new (memory_) T) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() {
    std::destroy_at(object_);
    munmap(memory_, sizeof(T));
  }

  T& operator*() const { return *object_; }

 private:
  static void* map() {
    void* const memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "cannot map shared memory");
    return memory;
  }

  void* memory_;
  T* object_;
};

// How one tells the other that it is its turn, by each of the primitives.
template <class Between>
class SemaphoreTold {
 public:
  void give(Token token) {
    token_ = token;
    turn_.release();
  }
  Token take() {
    turn_.acquire();
    return token_;
  }

 private:
  BlockingSemaphore<Between> turn_{0};
  Token token_ = Token::none;
};

template <class Between>
class EventTold {
 public:
  void give(Token token) {
    token_ = token;
    turn_.set();
  }
  Token take() {
    turn_.wait();
    turn_.clear();
    return token_;
  }

 private:
  BlockingEvent<Between> turn_;
  Token token_ = Token::none;
};

template <class Between>
class ConditionTold {
 public:
  void give(Token token) {
    const std::lock_guard lock(lock_);
    token_ = token;
    turn_.notify_one();
  }
  Token take() {
    std::unique_lock lock(lock_);
    turn_.wait(lock, [this] { return token_ != Token::none; });
    return std::exchange(token_, Token::none);
  }

 private:
  typename Between::Lock lock_;
  typename Between::Condition turn_;
  Token token_ = Token::none;
};

template <class Between>
class QueueTold {
 public:
  void give(Token token) { turns_.put(token); }
  Token take() { return turns_.get(); }

 private:
  BlockingQueue<Between, Token, 1> turns_;
};

// Runs `partner` in a thread or a process of its own while `ours` runs here.
void run_beside(BetweenThreads, const std::function<void()>& partner, const auto& ours) {
  const std::jthread thread(partner);
  ours();
}
void run_beside(BetweenProcesses, const std::function<void()>& partner, const auto& ours) {
  Children children;
  children.start(partner);
  ours();
  children.wait_for_all();
}

template <class Between, template <class> class Told>
void hand_over(State& state, Where where, CpuPair cpus) {
  struct Both {
    Told<Between> there, back;
  };
  const Shared<Both> shared;
  Both& both = *shared;
  const int other = where == Where::cross_cpu ? cpus.second : cpus.first;
  const auto partner = [&] {
    pin({&other, 1});
    for (Token token = Token::go; token == Token::go;) {
      token = both.there.take();
      both.back.give(token);
    }
  };
  const auto pass = [&](Token token) {
    both.there.give(token);
    both.back.take();
  };
  run_beside(Between(), partner, [&] {
    pin({&cpus.first, 1});
    while (state.KeepRunningBatch(2)) pass(Token::go);
    pass(Token::stop);
  });
}

template <class Between>
void lock_alone(State& state) {
  typename Between::Lock lock;
  take_turns(state, 2, [&](std::size_t) {
    benchmark::DoNotOptimize(&lock);
    const std::lock_guard held(lock);
    benchmark::ClobberMemory();
  });
}

template <class Between>
void semaphore_alone(State& state) {
  BlockingSemaphore<Between> semaphore(1);
  take_turns(state, 2, [&](std::size_t) {
    semaphore.acquire();
    semaphore.release();
  });
}

template <class Between>
void event_alone(State& state) {
  BlockingEvent<Between> event;
  event.set();
  take_turns(state, 2, [&](std::size_t) { event.wait(); });
}

template <class Between>
void queue_alone(State& state) {
  BlockingQueue<Between, int, 1> queue;
  take_turns(state, 2, [&](std::size_t) {
    queue.put(1);
    benchmark::DoNotOptimize(queue.get());
  });
}

template <class Between>
void add_company(std::vector<Benchmark>& all, std::string_view style) {
  const auto add = [&](std::string_view primitive, std::string_view operation) -> Benchmark& {
    all.push_back(
        {.family = "sync",
         .model = std::string(style),
         .style = std::string(style),
         .operation = fmt::format("{} {}", style == "thread" ? "a thread" : "a process", operation),
         .axes = {.primitive = primitive, .situation = "uncontended"}});
    return all.back();
  };
  const auto add_alone = [&](std::string_view primitive, std::string_view operation,
                             void (*run)(State&)) {
    add(primitive, operation).run = [=](State& state, CpuPair) { run(state); };
  };
  const auto add_handed = [&](std::string_view primitive, std::string_view operation,
                              void (*run)(State&, Where, CpuPair)) {
    for (const Where where : {Where::same_cpu, Where::cross_cpu}) {
      Benchmark& benchmark = add(primitive, operation);
      benchmark.axes.contexts = 2;
      benchmark.axes.where = where;
      benchmark.axes.situation = "handed-over";
      benchmark.run = [=](State& state, CpuPair cpus) { run(state, where, cpus); };
    }
  };
  add_alone("lock", "acquires a lock that is free, and releases it", lock_alone<Between>);
  add_alone("semaphore", "acquires a permit that is there, and releases it",
            semaphore_alone<Between>);
  add_alone("event", "waits for an event that is set", event_alone<Between>);
  add_alone("queue", "puts an item into a queue with room, and gets it out again",
            queue_alone<Between>);
  add_handed("semaphore", "releases a permit for which another waits, and waits for its own",
             hand_over<Between, SemaphoreTold>);
  add_handed("event", "sets an event for which another waits, and waits for its own",
             hand_over<Between, EventTold>);
  add_handed("condition", "notifies another, and waits to be notified",
             hand_over<Between, ConditionTold>);
  add_handed("queue", "puts an item for which another waits, and waits for one",
             hand_over<Between, QueueTold>);
}

}  // namespace

std::vector<Benchmark> kernel_sync_benchmarks() {
  std::vector<Benchmark> all;
  add_company<BetweenThreads>(all, "thread");
  add_company<BetweenProcesses>(all, "process");
  return all;
}

}  // namespace waitbench::micro
