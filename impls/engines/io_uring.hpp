// io_uring: we do not ask what is ready. We submit operations, and the kernel reports their ends.
//
// Operations are written into a queue that the kernel reads, and their results into one that we
// read. A wait is one system call: it submits everything that was queued since the last, performs
// what can be done at once, and sleeps until an operation has ended. So with more operations in
// flight each step costs a smaller part of a call, and a read or write takes no call of its own. A
// connection that is read more than once keeps a receive open, into buffers that the kernel has
// from us: that saves the setting up of each read, and costs us a copy. In return the kernel keeps
// an object for each operation under way, and an operation must be cancelled before its buffer or
// its socket is ours again. A newer kernel works on operations only when we wait, which saves
// interruptions; on an older one we leave out what it lacks. The limit is descriptors, and whether
// the machine allows io_uring at all: many containers do not.
#pragma once

#include <liburing.h>
#include <poll.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "impls/conversation.hpp"
#include "impls/engines/timers.hpp"
#include "impls/lib/io_uring_queue.hpp"
#include "impls/lib/receive_buffers.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

class IoUring {
 public:
  static constexpr std::string_view name = "io_uring", phrase = "an io_uring loop";

  struct Channel : PendingStep {
    Descriptor socket;
    ReceiveBuffers::Queue received;  // and not yet read by a step
    Outcome broken = 0;              // how the connection failed while no read was waiting
    bool read_before = false;
    bool receiving = false;  // a receive is open, whether or not a step waits
    Outcome taken_back = 0;  // the step is to end so, and its operation has not ended yet
  };

  IoUring() { goes_on_ = queue_.knows_multishot() && buffers_.offer_to(queue_.get()) == 0; }

  static std::string unavailable() { return IoUringQueue::unavailable(); }

  std::optional<Outcome> start(Channel& channel, Step step) {
    switch (step.kind) {
      case StepKind::connect: return connect(channel, step);
      case StepKind::write: return write(channel, step);
      case StepKind::read: return read(channel, step);
      case StepKind::sleep: return timers_.sleep(channel, step);
      case StepKind::close: return close(channel, step);
      case StepKind::begin: return 0;
      case StepKind::ready: return ready(channel, step);
      case StepKind::forget: return 0;  // a poll ends with what it reports
      case StepKind::join:
      case StepKind::acquire:
      case StepKind::use:
      case StepKind::done: break;
    }
    return -EINVAL;
  }

  std::optional<Outcome> cancel(Channel& channel) {
    if (channel.pending.kind == StepKind::sleep) {
      timers_.disarm(channel);
      return -ECANCELED;
    }
    take_back(channel, -ECANCELED);
    return std::nullopt;
  }

  template <class Visitor>
  void wait(Visitor&& visit, MaySleep may_sleep = MaySleep::yes) {
    timespec storage;
    queue_.submit_and_wait(timers_.timeout(storage, may_sleep));
    queue_.take_completions([&](const io_uring_cqe& completion) {
      const __u64 tag = io_uring_cqe_get_data64(&completion);
      if (tag == no_tag) return;
      auto& channel = *reinterpret_cast<Channel*>(tag & ~receiving_bit);
      const std::optional<Outcome> outcome =
          tag & receiving_bit ? on_received(channel, completion) : on_end(channel, completion.res);
      if (outcome) visit(channel, *outcome);
    });
    timers_.fire_expired([&](Channel& channel) {
      if (const std::optional<Outcome> outcome = on_time(channel)) visit(channel, *outcome);
    });
  }

 private:
  // The tag of a completion is its channel, with a bit that is set if it belongs to an open
  // receive. If it is not set, the channel's step has ended.
  static constexpr __u64 no_tag = 0;  // of a cancellation
  static constexpr __u64 receiving_bit = 1;
  static __u64 tag_of(const Channel& channel) { return reinterpret_cast<__u64>(&channel); }

  // Sockets stay blocking: on a non-blocking one, operations would fail instead of wait.
  std::optional<Outcome> connect(Channel& channel, Step step) {
    channel.socket = open_socket(step.address(), 0);
    if (!channel.socket) return -errno;
    channel.read_before = false;
    channel.broken = 0;
    io_uring_sqe& operation = queue_.next_submission();
    io_uring_prep_connect(&operation, channel.socket.get(), step.address().get(),
                          step.address().size);
    return submit(channel, step, operation);
  }

  std::optional<Outcome> write(Channel& channel, Step step) {
    io_uring_sqe& operation = queue_.next_submission();
    io_uring_prep_send(&operation, channel.socket.get(), step.data(), step.size, MSG_NOSIGNAL);
    return submit(channel, step, operation);
  }

  // A first read may be the last one, so an open receive would not pay yet.
  std::optional<Outcome> read(Channel& channel, Step step) {
    if (!channel.received.empty()) return take_received(channel, step);
    if (channel.broken != 0) return std::exchange(channel.broken, 0);
    const bool read_before = std::exchange(channel.read_before, true);
    if (!channel.receiving) {
      if (read_before && goes_on_) {
        receive_on(channel);
      } else {
        receive(channel, step);
      }
    }
    return timers_.arm(channel, step);
  }

  void receive(Channel& channel, Step step) {
    io_uring_sqe& operation = queue_.next_submission();
    io_uring_prep_recv(&operation, channel.socket.get(), step.data(), step.size, 0);
    if (queue_.knows_poll_first()) operation.ioprio = IORING_RECVSEND_POLL_FIRST;
    io_uring_sqe_set_data64(&operation, tag_of(channel));
  }

  // This one looks before it waits. If bytes and the end of the stream were both there when it
  // began to wait, Linux 6.18 would report only the bytes, on a Unix-domain socket.
  void receive_on(Channel& channel) {
    io_uring_sqe& operation = queue_.next_submission();
    io_uring_prep_recv_multishot(&operation, channel.socket.get(), nullptr, 0, 0);
    operation.flags |= IOSQE_BUFFER_SELECT;
    operation.buf_group = ReceiveBuffers::group;
    io_uring_sqe_set_data64(&operation, tag_of(channel) | receiving_bit);
    channel.receiving = true;
  }

  std::nullopt_t ready(Channel& channel, Step step) {
    io_uring_sqe& operation = queue_.next_submission();
    io_uring_prep_poll_add(&operation, step.descriptor(), step.waits_to_read() ? POLLIN : POLLOUT);
    return submit(channel, step, operation);
  }

  Outcome take_received(Channel& channel, Step step) {
    return static_cast<Outcome>(buffers_.take(channel.received, step.data(), step.size));
  }

  // While a receive is open, the kernel holds the socket too, and it would stay open.
  std::optional<Outcome> close(Channel& channel, Step step) {
    if (!channel.receiving) return close_socket(channel);
    cancel_operation(tag_of(channel) | receiving_bit);
    return timers_.arm(channel, step);
  }

  Outcome close_socket(Channel& channel) {
    buffers_.drop_all(channel.received);
    channel.socket.reset();
    return 0;
  }

  std::nullopt_t submit(Channel& channel, Step step, io_uring_sqe& operation) {
    io_uring_sqe_set_data64(&operation, tag_of(channel));
    return timers_.arm(channel, step);
  }

  Outcome on_end(Channel& channel, Outcome outcome) {
    timers_.disarm(channel);
    const Outcome taken_back = std::exchange(channel.taken_back, 0);
    if (outcome < 0) return taken_back != 0 ? taken_back : outcome;
    return channel.pending.kind == StepKind::ready ? 0 : outcome;  // a poll's is what is ready
  }

  static bool awaits(const Channel& channel, StepKind kind) {
    return channel.waiting && channel.pending.kind == kind;
  }

  // An open receive has got bytes, or has ended. The outcome of the channel's step, if that
  // completes it.
  std::optional<Outcome> on_received(Channel& channel, const io_uring_cqe& completion) {
    const Outcome moved = completion.res;
    channel.receiving = completion.flags & IORING_CQE_F_MORE;
    if (moved > 0)
      buffers_.append(channel.received, completion.flags >> IORING_CQE_BUFFER_SHIFT, moved);
    if (awaits(channel, StepKind::close) && !channel.receiving)
      return on_end(channel, close_socket(channel));
    if (moved <= 0) return on_receiving_ended(channel, moved);
    if (!awaits(channel, StepKind::read)) return std::nullopt;
    return on_end(channel, take_received(channel, channel.pending));
  }

  std::optional<Outcome> on_receiving_ended(Channel& channel, Outcome why) {
    // Out of buffers; or cancelled because of an earlier read, which then ended in time.
    const bool may_go_on = (why == -ENOBUFS || why == -ECANCELED) && channel.taken_back == 0;
    if (awaits(channel, StepKind::read)) {
      if (!may_go_on) return on_end(channel, why);
      receive(channel, channel.pending);
    } else if (!may_go_on) {
      channel.broken = why;
    }
    return std::nullopt;
  }

  // A sleep is over, or a step's time is up. Then its outcome comes when its operation has ended.
  std::optional<Outcome> on_time(Channel& channel) {
    if (channel.pending.kind == StepKind::sleep) return 0;
    if (channel.taken_back == 0) take_back(channel, -ETIMEDOUT);
    return std::nullopt;
  }

  void take_back(Channel& channel, Outcome how) {
    channel.taken_back = how;
    const bool reads_on = channel.receiving && channel.pending.kind == StepKind::read;
    cancel_operation(tag_of(channel) | (reads_on ? receiving_bit : 0));
  }

  void cancel_operation(__u64 tag) {
    io_uring_sqe& operation = queue_.next_submission();
    io_uring_prep_cancel64(&operation, tag, 0);
    io_uring_sqe_set_data64(&operation, no_tag);
  }

  ReceiveBuffers buffers_;
  IoUringQueue queue_;
  bool goes_on_ = false;  // a receive, where we want it to
  Timers<Channel> timers_;
};

}  // namespace waitbench
