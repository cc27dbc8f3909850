// Where a call that blocks is made for a task, so that it does not block others: an executor.
//
//   task --acquire--> submitted --a worker makes the call--> done --descriptor--> in the run queue
//
// A task of a loop waits for its call as it waits for anything that it acquires, and the loop goes
// on with the others. The worker is no part of the loop, so what it has done comes back through a
// descriptor, which the loop watches beside its sockets: no engine has to know of workers. A thread
// that makes a call waits itself. In place (inline), the call keeps the whole loop until it
// returns.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <semaphore>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "impls/conversation.hpp"
#include "impls/lib/children.hpp"
#include "impls/lib/descriptor.hpp"
#include "impls/lib/pipe.hpp"
#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

class Executor;

// One of those who make calls. It has at most one under way, and does not move.
class Caller final : public Acquirable {
 public:
  Caller(Executor& executor, std::uint32_t number) : executor_(executor), number_(number) {}

  // Has the call made. A task of a loop is resumed when it is done, as from any line.
  bool acquire(Waiter& task) override;

  std::uint32_t number() const { return number_; }

 private:
  friend class Executor;

  Executor& executor_;
  std::uint32_t number_;
  Waiter* task_ = nullptr;         // of a loop, while its call is under way
  std::binary_semaphore done_{0};  // for a thread
};

class Executor {
 public:
  // All calls are to the same function. `of_loop`: of the loop whose tasks make them; null: those
  // who make them are threads.
  Executor(std::function<void()> function, RunQueue* of_loop)
      : function_(std::move(function)), of_loop_(of_loop) {}
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  // To be called before the first call is made.
  void add_callers(std::size_t number);
  Caller& caller(std::size_t number) { return callers_.at(number); }

  // Can be read when calls are done that tasks wait for; -1: all are made in place.
  virtual int descriptor() const { return -1; }

  // Lets the tasks go on whose calls are done. Throws std::system_error.
  virtual void resume_tasks() {}

 protected:
  void call_in_place() const { function_(); }
  bool has_loop() const { return of_loop_ != nullptr; }

  // The call is done. To be called in the thread of the loop, if there is one.
  void let_go_on(Caller& caller);

 private:
  friend class Caller;

  // Whether the call is made already. Else let_go_on() tells when it is.
  virtual bool submit(Caller& caller) = 0;

  std::function<void()> function_;
  RunQueue* of_loop_;
  std::deque<Caller> callers_;
};

// In the caller's place: whoever shares its thread waits, too.
class InPlace final : public Executor {
 public:
  using Executor::Executor;

 private:
  bool submit(Caller&) override {
    call_in_place();
    return true;
  }
};

// By some threads, first come first served. Throws std::system_error when one is refused.
class WorkerThreads final : public Executor {
 public:
  WorkerThreads(std::size_t number, std::function<void()> function, RunQueue* of_loop);
  ~WorkerThreads() override;

  int descriptor() const override { return any_done_.get(); }
  void resume_tasks() override;

 private:
  bool submit(Caller& caller) override;
  Caller* take();
  void work();
  void end();
  void tell_loop(Caller& caller);

  Descriptor any_done_;  // counts them
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Caller*> submitted_;
  std::vector<Caller*> done_;
  bool ending_ = false;
  std::vector<std::jthread> workers_;
};

// By some processes, each of which takes the next call from a pipe that they share. They are copies
// of this one, so it must not have threads yet. Throws std::system_error when something is refused.
class WorkerProcesses final : public Executor {
 public:
  // A pipe has room for the calls of so many.
  static constexpr std::size_t most_callers = 10'000;

  // Who has called a worker that ends before its time waits for ever. So `on_failure` is told why
  // it has ended, at once and in a thread of its own.
  using OnFailure = std::function<void(std::string_view why)>;

  WorkerProcesses(std::size_t number, std::function<void()> function, RunQueue* of_loop,
                  OnFailure on_failure);
  ~WorkerProcesses() override;

  int descriptor() const override { return done_.reads.get(); }
  void resume_tasks() override;

 private:
  bool submit(Caller& caller) override;
  void work();
  void collect();
  void watch();

  Pipe submitted_ = make_pipe();
  Pipe done_ = make_pipe();
  Children workers_;
  // What a thread has written before its call, the collector sees after: a pipe through another
  // process does not say so in the language's terms.
  std::mutex handed_over_;
  std::jthread collector_;  // lets threads go on; there is none for a loop
  OnFailure on_failure_;
  std::jthread watcher_;  // waits for the workers' ends
};

// Has a loop watch an executor. It is never done: the loop does not wait for its end.
class ExecutorConversation final : public Conversation {
 public:
  explicit ExecutorConversation(Executor& executor) : executor_(executor) {}

  Step resume(Outcome outcome) override;

 private:
  Executor& executor_;
  bool is_watched_ = false;
};

}  // namespace waitbench
