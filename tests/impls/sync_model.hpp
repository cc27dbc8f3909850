// What the primitives are to do, said as plainly as possible: lists of numbers, looked up by
// search. The random test holds them against it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <vector>

namespace waitbench {

// Permits, and who waits for one: a semaphore; and a lock, which has one permit.
struct ModelPool {
  std::size_t permits;
  std::deque<std::size_t> line{};
};

class SyncModel {
 public:
  struct Task {
    bool waits = false;
    bool cancelled = false;
    bool notified = false;         // and has not gone on yet
    ModelPool* granted = nullptr;  // by whom, and it has not gone on yet
    ModelPool* wants = nullptr;    // in whose line it is
  };

  explicit SyncModel(std::size_t tasks) : tasks_(tasks) {}

  const Task& task(std::size_t who) const { return tasks_[who]; }
  const std::deque<std::size_t>& runnable() const { return runnable_; }

  ModelPool pool{.permits = 1};     // lock, semaphore, or room of a queue
  ModelPool items{.permits = 0};    // of a queue
  std::deque<std::size_t> waiting;  // for an event or a condition
  bool event_is_set = false;

  // Whether it has one at once.
  bool acquire(std::size_t who, ModelPool& from) {
    if (from.permits > 0) {
      --from.permits;
      return true;
    }
    tasks_[who] = {.waits = true, .wants = &from};
    from.line.push_back(who);
    return false;
  }

  void release(ModelPool& to) {
    ++to.permits;
    serve(to);
  }

  void wait(std::size_t who) {
    tasks_[who] = {.waits = true};
    waiting.push_back(who);
  }

  void set_event() {
    event_is_set = true;
    for (const std::size_t who : waiting) runnable_.push_back(who);
    waiting.clear();
  }

  // The lock is the pool.
  void notify(std::size_t tasks) {
    for (; tasks > 0 && !waiting.empty(); --tasks) {
      const std::size_t who = waiting.front();
      waiting.pop_front();
      tasks_[who].notified = true;
      want_lock(who);
    }
  }

  // `of_condition`: it must have the lock before it goes on.
  void cancel(std::size_t who, bool of_condition) {
    Task& task = tasks_[who];
    task.cancelled = true;
    if (task.notified) {
      task.notified = false;
      notify(1);
    } else if (of_condition) {
      if (remove(waiting, who)) want_lock(who);
    } else {
      if (task.wants != nullptr) remove(task.wants->line, who);
      task.wants = nullptr;
      remove(waiting, who);
      if (std::ranges::count(runnable_, who) == 0) runnable_.push_back(who);
      give_back(task);
    }
  }

  void drop(std::size_t who) {
    Task task = tasks_[who];
    tasks_[who] = {};
    remove(runnable_, who);
    remove(waiting, who);
    if (task.wants != nullptr) remove(task.wants->line, who);
    give_back(task);
    if (task.notified) notify(1);
  }

  // The first that may go on does. Whether it has what it waited for.
  bool resume_first() {
    const std::size_t who = runnable_.front();
    runnable_.pop_front();
    const bool granted = !tasks_[who].cancelled;
    tasks_[who] = {};
    return granted;
  }

 private:
  static bool remove(std::deque<std::size_t>& list, std::size_t who) {
    return std::erase(list, who) > 0;
  }

  void want_lock(std::size_t who) {
    tasks_[who].wants = &pool;
    pool.line.push_back(who);
    serve(pool);
  }

  void give_back(Task& task) {
    if (ModelPool* const granted = task.granted) {
      task.granted = nullptr;
      release(*granted);
    }
  }

  void serve(ModelPool& from) {
    while (from.permits > 0 && !from.line.empty()) {
      Task& task = tasks_[from.line.front()];
      task.granted = &from;
      task.wants = nullptr;
      runnable_.push_back(from.line.front());
      from.line.pop_front();
      --from.permits;
    }
  }

  std::vector<Task> tasks_;
  std::deque<std::size_t> runnable_;
};

}  // namespace waitbench
