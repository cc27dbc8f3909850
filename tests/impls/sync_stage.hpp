// Tasks of one loop with all of the primitives, for tests of what these promise in every style.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/switch/actors.hpp"
#include "impls/lib/sync/condition.hpp"
#include "impls/lib/sync/event.hpp"
#include "impls/lib/sync/lock.hpp"
#include "impls/lib/sync/queue.hpp"
#include "impls/lib/sync/semaphore.hpp"

namespace waitbench {

// An actor that does one thing after the other, each of which it may have to wait for.
class Script {
 public:
  using Begin = std::function<bool(Waiter&)>;
  using Finish = std::function<void(bool granted)>;

  Script& then(
      Begin begin, Finish finish = [](bool) {}) {
    steps_.emplace_back(std::move(begin), std::move(finish));
    return *this;
  }
  // What needs no waiting.
  Script& then_do(std::function<void()> what) {
    return then([what = std::move(what)](Waiter&) {
      what();
      return true;
    });
  }

  bool begin(Waiter& self) { return steps_[at_].first(self); }
  bool finish(bool granted) {
    steps_[at_++].second(granted);
    return at_ < steps_.size();
  }

 private:
  std::vector<std::pair<Begin, Finish>> steps_;
  std::size_t at_ = 0;
};

using Log = std::vector<std::string>;

template <class Acting>
class SyncTest : public testing::Test {
 protected:
  // Starts the next task, which says in the log what it was granted.
  Acting& start(const Script& script) {
    scripts_.push_back(script);
    Acting& task = cast_[scripts_.size() - 1];
    task.start(scripts_.back());
    return task;
  }
  void drop(std::size_t task) { cast_.renew(task); }
  void run() { micro::run_until_idle<Acting>(run_queue_); }
  Script::Finish says(const std::string& name) {
    return [this, name](bool granted) { log_.push_back(name + (granted ? "" : " cancelled")); };
  }

  Script acquires(const std::string& name) {
    return Script().then([this](Waiter& self) { return lock_.acquire(self); }, says(name));
  }
  Script waits_for_event(const std::string& name) {
    return Script().then([this](Waiter& self) { return event_.wait(self); }, says(name));
  }
  Script waits_for_condition(const std::string& name) {
    return Script()
        .then([this](Waiter& self) { return lock_.acquire(self); })
        .then(
            [this](Waiter& self) {
              condition_.wait(self);
              return false;
            },
            says(name));
  }
  Script gets(const std::string& name) {
    return Script().then([this](Waiter& self) { return queue_.begin_get(self); },
                         [this, name](bool granted) {
                           log_.push_back(granted ? name + " " + std::to_string(queue_.finish_get())
                                                  : name + " cancelled");
                         });
  }
  Script puts(int item) {
    return Script().then([this](Waiter& self) { return queue_.begin_put(self); },
                         [this, item](bool granted) {
                           log_.push_back("put " + std::to_string(item));
                           if (granted) queue_.finish_put(item);
                         });
  }

  Log log_;
  RunQueue run_queue_;
  Lock lock_{run_queue_};
  Lock other_lock_{run_queue_};
  Event event_{run_queue_};
  Semaphore semaphore_{run_queue_, 2};
  Condition condition_{run_queue_, lock_};
  Queue<int> queue_{run_queue_, 2};

 private:
  std::deque<Script> scripts_;
  micro::Cast<Acting> cast_{8};  // after what its tasks wait for
};

using ActingStyles = testing::Types<micro::CallbackActing<Script>, micro::GeneratorActing<Script>,
                                    micro::CoroutineActing<Script>
#if WAITBENCH_WITH_FIBERS
                                    ,
                                    micro::FiberActing<Script>
#endif
                                    >;

struct StyleNames {
  template <class Acting>
  static std::string GetName(int) {
    return std::string(Acting::style);
  }
};

}  // namespace waitbench
