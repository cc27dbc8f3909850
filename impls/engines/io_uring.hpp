// io_uring: we do not ask what is ready; we say what is to be done, and are told when it is.
//
// Operations are written into a ring that the kernel reads, and their results into one that we
// read. A wait is one system call that hands in everything begun since the last, does what can be
// done at once, and sleeps until something has ended; so the more is in flight, the less of a call
// each step costs, and a read or write takes none of its own. In return the kernel keeps an object
// for each operation under way, and what is under way must be cancelled before its buffer is ours
// again. A newer kernel works on operations only when we wait, which saves it from interrupting us;
// what an older one lacks of that is left out. The limit is descriptors, and whether the machine
// allows io_uring at all: many containers do not.
#pragma once

#include <liburing.h>

#include <optional>
#include <string>
#include <utility>

#include "impls/conversation.hpp"
#include "impls/lib/ring.hpp"
#include "impls/lib/socket.hpp"
#include "impls/lib/timers.hpp"

namespace waitbench {

class IoUring {
 public:
  struct Channel : Pending {
    Descriptor socket;
    bool cancelled = false;  // its time was up, and its operation has not ended yet
  };

  static std::string unavailable() { return Ring::unavailable(); }

  std::optional<Outcome> start(Channel& channel, Step step) {
    switch (step.kind) {
      case Kind::connect: return connect(channel, step);
      case Kind::write: return write(channel, step);
      case Kind::read: return read(channel, step);
      case Kind::sleep: return timers_.sleep(channel, step);
      case Kind::close: channel.socket.reset(); return 0;
      case Kind::done: break;
    }
    return -EINVAL;
  }

  template <class Visitor>
  void wait(Visitor&& visit) {
    timespec rest;
    ring_.submit_and_wait(timers_.rest(rest));
    ring_.take_completions([&](const io_uring_cqe& completion) {
      auto* channel = static_cast<Channel*>(io_uring_cqe_get_data(&completion));
      if (channel == nullptr) return;  // a cancellation
      visit(*channel, on_end(*channel, completion.res));
    });
    timers_.ring([&](Channel& channel) {
      if (const std::optional<Outcome> outcome = on_time(channel)) visit(channel, *outcome);
    });
  }

 private:
  // Sockets stay blocking: a non-blocking one would have its operations fail instead of wait.
  std::optional<Outcome> connect(Channel& channel, Step step) {
    channel.socket = open_socket(*step.address, 0);
    if (!channel.socket) return -errno;
    io_uring_sqe& operation = ring_.next_submission();
    io_uring_prep_connect(&operation, channel.socket.get(), step.address->get(),
                          step.address->size);
    return begin(channel, step, operation);
  }

  std::optional<Outcome> write(Channel& channel, Step step) {
    io_uring_sqe& operation = ring_.next_submission();
    io_uring_prep_send(&operation, channel.socket.get(), step.data, step.size, MSG_NOSIGNAL);
    return begin(channel, step, operation);
  }

  // What it is to read is seldom there yet, so to look for it before the wait would be in vain.
  std::optional<Outcome> read(Channel& channel, Step step) {
    io_uring_sqe& operation = ring_.next_submission();
    io_uring_prep_recv(&operation, channel.socket.get(), step.data, step.size, 0);
    if (ring_.knows_poll_first()) operation.ioprio = IORING_RECVSEND_POLL_FIRST;
    return begin(channel, step, operation);
  }

  std::nullopt_t begin(Channel& channel, Step step, io_uring_sqe& operation) {
    io_uring_sqe_set_data(&operation, &channel);
    return timers_.guard(channel, step);
  }

  Outcome on_end(Channel& channel, Outcome outcome) {
    timers_.release(channel);
    const bool cancelled = std::exchange(channel.cancelled, false);
    return cancelled && outcome < 0 ? -ETIMEDOUT : outcome;
  }

  // A sleep is over, or a step's time is up: then its outcome comes when the kernel has let go.
  std::optional<Outcome> on_time(Channel& channel) {
    if (channel.pending.kind == Kind::sleep) return 0;
    channel.cancelled = true;
    io_uring_sqe& operation = ring_.next_submission();
    io_uring_prep_cancel(&operation, &channel, 0);
    io_uring_sqe_set_data(&operation, nullptr);
    return std::nullopt;
  }

  Ring ring_;
  Timers<Channel> timers_;
};

}  // namespace waitbench
