// What a loop waits for: its engine, and the tasks that other tasks of the loop have let go on.
//
// A style sees an engine that can also acquire. A task that must wait for another one stands in a
// line in user space: no descriptor and no system call is involved. When it is granted what it
// waits for, it is put into the run queue, and the scheduler hands it out before the loop waits
// again.
#pragma once

#include <cerrno>
#include <optional>

#include "impls/engine.hpp"
#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

template <Engine E>
class Scheduler {
 public:
  struct Channel : E::Channel, Waiter {};

  // Without a run queue there is nothing that tasks could wait for.
  Scheduler(E& engine, RunQueue* run_queue) : engine_(engine), run_queue_(run_queue) {}

  std::optional<Outcome> start(Channel& channel, Step step) {
    if (step.kind != StepKind::acquire) return engine_.start(channel, step);
    if (run_queue_ == nullptr) return -EINVAL;
    if (step.acquirable().acquire(channel)) return 0;
    return std::nullopt;
  }

  // Tasks that let each other go on do not keep the loop from looking at its sockets: it does so
  // after each turn of the run queue. It may sleep only when nobody can go on; and a turn may have
  // ended the last task, so the caller is asked again before that.
  template <class Visitor>
  void wait(Visitor&& visit, MaySleep may_sleep = MaySleep::yes) {
    if (run_queue_ != nullptr && !run_queue_->empty()) {
      run_queue_->run_turn([&](Waiter& task) {
        visit(static_cast<Channel&>(task), task.take_cancelled() ? -ECANCELED : 0);
      });
      if (run_queue_->empty()) return;
      may_sleep = MaySleep::no;
    }
    engine_.wait([&](typename E::Channel& channel,
                     Outcome outcome) { visit(static_cast<Channel&>(channel), outcome); },
                 may_sleep);
  }

 private:
  E& engine_;
  RunQueue* run_queue_;
};

}  // namespace waitbench
