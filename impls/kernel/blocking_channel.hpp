// The engine of the kernel-scheduled models: each step is a blocking system call, and the kernel
// remembers where the caller was and wakes it. An engine needs a start and a wait for a step; here
// both are one function.
#pragma once

#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "impls/engines/transfer.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/nested_call.hpp"
#include "impls/lib/socket.hpp"
#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

class BlockingChannel {
 public:
  // Performs the step and returns when it is done.
  Outcome perform(Step step) {
    switch (step.kind) {
      case StepKind::connect: return connect(step);
      case StepKind::read:
      case StepKind::write: return step.timeout_us == 0 ? move_bytes(step) : move_in_time(step);
      case StepKind::sleep: return sleep_until(step.deadline_ns());
      case StepKind::close: socket_.reset(); return 0;
      case StepKind::begin: return 0;
      case StepKind::ready: return wait_until_ready(step.descriptor(), step);
      case StepKind::forget: return 0;
      case StepKind::join:
      case StepKind::acquire:
      case StepKind::use:
      case StepKind::done: break;
    }
    return -EINVAL;
  }

 private:
  Outcome connect(Step step) {
    socket_ = open_socket(step.address(), 0);
    if (!socket_) return -errno;
    if (step.timeout_us == 0) return connect_when_possible(step);
    // A connect cannot be waited for by a call of its own: on a socket that does not block, the
    // kernel does not report when a listener's queue has room.
    if (const Outcome refused = limit_sending(step.timeout_us); refused != 0) return refused;
    const Outcome connected = connect_when_possible(step);
    if (connected == -EAGAIN || connected == -EINPROGRESS) return -ETIMEDOUT;
    return connected == 0 ? limit_sending(0) : connected;
  }

  Outcome connect_when_possible(Step step) {
    return until_not_interrupted([&] { return connect_socket(socket_.get(), step.address()); });
  }

  Outcome move_bytes(Step step) {
    return until_not_interrupted([&] { return transfer(socket_.get(), step); });
  }

  // The kernel would measure the time of a blocking call in ticks of some milliseconds, so the wait
  // is a call of its own. Writes try first, reads wait first, as in loops.
  Outcome move_in_time(Step step) {
    if (step.kind == StepKind::write)
      if (const Outcome sent = transfer_now(step); sent != -EAGAIN) return sent;
    while (true) {
      if (const Outcome ready = wait_until_ready(socket_.get(), step); ready != 0) return ready;
      if (const Outcome moved = transfer_now(step); moved != -EAGAIN) return moved;
    }
  }

  Outcome transfer_now(Step step) {
    return until_not_interrupted([&] { return transfer(socket_.get(), step, MSG_DONTWAIT); });
  }

  // A signal does not end a step. (Even a process that handles none sees this, when it was stopped
  // and continued.)
  template <class Call>
  static Outcome until_not_interrupted(Call call) {
    Outcome outcome;
    do outcome = call();
    while (outcome == -EINTR);
    return outcome;
  }

  // Until the descriptor, ours or a library's, can do what the step is about; for at most as long
  // as the step allows.
  static Outcome wait_until_ready(int descriptor, Step step) {
    pollfd source{.fd = descriptor,
                  .events = static_cast<short>(step.waits_to_read() ? POLLIN : POLLOUT),
                  .revents = 0};
    const timespec limit = to_timespec(step.timeout_us * ns_per_us);
    const Outcome ready = until_not_interrupted([&] {
      return result_or_error(ppoll(&source, 1, step.timeout_us == 0 ? nullptr : &limit, nullptr));
    });
    return ready == 0 ? -ETIMEDOUT : std::min(ready, 0);
  }

  // 0 or -errno. It is for a connect, too; 0 is no limit.
  Outcome limit_sending(std::uint32_t limit_us) {
    const timeval limit{.tv_sec = limit_us / 1'000'000, .tv_usec = limit_us % 1'000'000};
    return result_or_error(
        setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
  }

  static Outcome sleep_until(std::int64_t deadline_ns) {
    const timespec deadline = to_timespec(deadline_ns);
    int error;
    do error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
    while (error == EINTR);
    return -error;
  }

  Descriptor socket_;
};

// Performs the steps of one conversation: on its own connection, or on those that it shares.
class BlockingPerformer {
 public:
  explicit BlockingPerformer(std::span<BlockingChannel> shared) : shared_(shared) {}
  BlockingPerformer(const BlockingPerformer&) = delete;
  BlockingPerformer& operator=(const BlockingPerformer&) = delete;

  std::span<BlockingChannel> shared() const { return shared_; }

  Outcome perform(Step step) {
    switch (step.kind) {
      case StepKind::acquire: return acquire(step.acquirable());
      case StepKind::use: return use(step.connection());
      default: return used_->perform(step);
    }
  }

 private:
  // Between threads the call sleeps until the answer is yes. A thread that is alone would wait for
  // itself.
  static Outcome acquire(Acquirable& what) {
    Waiter alone;
    return what.acquire(alone) ? 0 : -EDEADLK;
  }

  Outcome use(std::size_t connection) {
    if (connection >= shared_.size()) return -EBADF;
    used_ = &shared_[connection];
    return 0;
  }

  BlockingChannel own_;
  BlockingChannel* used_ = &own_;
  std::span<BlockingChannel> shared_;
};

// A whole conversation on the caller's stack: "where we were" is the place in this loop. Each step
// is performed through `depth - 1` further calls. To join children is to call
// for_each_child(number, body), which has body(0) ... body(number - 1) called, and returns when all
// have returned. Their connections are kept from one join to the next.
template <class ForEachChild>
void converse(Conversation& conversation, BlockingPerformer& performer, std::size_t depth,
              const ForEachChild& for_each_child) {
  std::vector<std::unique_ptr<BlockingPerformer>> of_children;  // which do not move
  const auto perform = [&](Step step) -> Outcome {
    if (step.kind != StepKind::join) return performer.perform(step);
    const std::span<Conversation* const> children = step.children();
    while (of_children.size() < children.size())
      of_children.push_back(std::make_unique<BlockingPerformer>(performer.shared()));
    for_each_child(children.size(), [&](std::size_t i) {
      converse(*children[i], *of_children[i], depth, for_each_child);
    });
    return 0;
  };
  for (Step step = conversation.resume(0); step.kind != StepKind::done;)
    step = conversation.resume(call_nested(depth, [&] { return perform(step); }));
}
template <class ForEachChild>
void converse(Conversation& conversation, std::size_t depth, const ForEachChild& for_each_child,
              std::span<BlockingChannel> shared = {}) {
  BlockingPerformer performer(shared);
  converse(conversation, performer, depth, for_each_child);
}

// How one joins children who has nobody else to do their work.
inline constexpr auto one_after_another = [](std::size_t number, const auto& body) {
  for (std::size_t i = 0; i < number; ++i) body(i);
};

// A conversation that is driven task by task: for pools, in which any free worker does the next
// task of any conversation.
class TaskRunner {
 public:
  TaskRunner(Conversation& conversation, std::size_t depth, std::span<BlockingChannel> shared = {})
      : conversation_(conversation),
        performer_(shared),
        next_(conversation.resume(0)),
        depth_(depth) {}

  bool done() const { return next_.kind == StepKind::done; }

  // Performs the steps of one task, or those up to a join; to be called until done.
  void perform_task() {
    do next_ = conversation_.resume(call_nested(depth_, [&] { return performer_.perform(next_); }));
    while (!done() && !next_.begins_task && children().empty());
  }

  // The children of the join that is its next step; empty if that is another step.
  std::span<Conversation* const> children() const {
    return next_.kind == StepKind::join ? next_.children() : std::span<Conversation* const>();
  }
  // They are done. Or, for a child that is: a later join begins.
  void go_on() { next_ = conversation_.resume(0); }

 private:
  Conversation& conversation_;
  BlockingPerformer performer_;
  Step next_;
  std::size_t depth_;
};

}  // namespace waitbench
