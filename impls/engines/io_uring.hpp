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

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "impls/conversation.hpp"
#include "impls/lib/socket.hpp"
#include "impls/lib/timers.hpp"

namespace waitbench {

class IoUring {
 public:
  struct Channel : Pending {
    Descriptor socket;
    bool cancelled = false;  // its time was up, and its operation has not ended yet
  };

  IoUring() {
    if (const int error = set_up(ring_); error != 0)
      throw std::system_error(-error, std::generic_category(), "io_uring_setup");
  }
  IoUring(const IoUring&) = delete;
  IoUring& operator=(const IoUring&) = delete;
  ~IoUring() { io_uring_queue_exit(&ring_); }

  static std::string unavailable() {
    io_uring ring;
    const int error = set_up(ring);
    if (error == 0) {
      io_uring_queue_exit(&ring);
      return "";
    }
    if (error == -EINVAL) return "io_uring of this kernel is too old (Linux 5.10 would do)";
    int disabled = 0;
    std::ifstream("/proc/sys/kernel/io_uring_disabled") >> disabled;
    if (disabled != 0) return "kernel.io_uring_disabled is " + std::to_string(disabled);
    if (error == -EPERM) return "io_uring_setup is refused, probably by a seccomp filter";
    return "io_uring_setup fails: " + std::generic_category().message(-error);
  }

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
    submit_and_wait();
    std::array<io_uring_cqe*, max_events> ended;
    while (const unsigned n = io_uring_peek_batch_cqe(&ring_, ended.data(), max_events)) {
      for (unsigned i = 0; i < n; ++i) {
        auto* channel = static_cast<Channel*>(io_uring_cqe_get_data(ended[i]));
        if (channel == nullptr) continue;  // a cancellation
        visit(*channel, on_end(*channel, ended[i]->res));
      }
      io_uring_cq_advance(&ring_, n);
    }
    timers_.ring([&](Channel& channel) {
      if (const std::optional<Outcome> outcome = on_time(channel)) visit(channel, *outcome);
    });
  }

 private:
  static constexpr unsigned submissions = 1024;      // more are handed in before the wait
  static constexpr unsigned completions = 32 << 10;  // what does not fit is kept by the kernel
  static constexpr unsigned max_events = 256;

  // 0 or -errno.
  static int set_up(io_uring& ring) {
    constexpr unsigned always = IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE;  // since Linux 5.10
    int error = -EINVAL;
    for (const unsigned if_known : {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,  // 6.1
                                    IORING_SETUP_COOP_TASKRUN,  // 5.19
                                    0U}) {
      io_uring_params how{};
      how.flags = always | if_known;
      how.cq_entries = completions;
      error = io_uring_queue_init_params(submissions, &ring, &how);
      if (error != -EINVAL) break;
    }
    return error;
  }

  // Sockets stay blocking: a non-blocking one would have its operations fail instead of wait.
  std::optional<Outcome> connect(Channel& channel, Step step) {
    channel.socket = open_socket(*step.address, 0);
    if (!channel.socket) return -errno;
    io_uring_sqe& operation = next_submission();
    io_uring_prep_connect(&operation, channel.socket.get(), step.address->get(),
                          step.address->size);
    return begin(channel, step, operation);
  }

  std::optional<Outcome> write(Channel& channel, Step step) {
    io_uring_sqe& operation = next_submission();
    io_uring_prep_send(&operation, channel.socket.get(), step.data, step.size, MSG_NOSIGNAL);
    return begin(channel, step, operation);
  }

  std::optional<Outcome> read(Channel& channel, Step step) {
    io_uring_sqe& operation = next_submission();
    io_uring_prep_recv(&operation, channel.socket.get(), step.data, step.size, 0);
    operation.ioprio = waits_first();
    return begin(channel, step, operation);
  }

  std::nullopt_t begin(Channel& channel, Step step, io_uring_sqe& operation) {
    io_uring_sqe_set_data(&operation, &channel);
    return timers_.guard(channel, step);
  }

  io_uring_sqe& next_submission() {
    io_uring_sqe* free = nullptr;
    while ((free = io_uring_get_sqe(&ring_)) == nullptr) {
      enable();
      check(io_uring_submit(&ring_));
    }
    return *free;
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
    io_uring_sqe& operation = next_submission();
    io_uring_prep_cancel(&operation, &channel, 0);
    io_uring_sqe_set_data(&operation, nullptr);
    return std::nullopt;
  }

  void submit_and_wait() {
    enable();
    io_uring_cqe* first = nullptr;
    timespec rest;
    if (timers_.rest(rest) == nullptr) {
      check(io_uring_submit_and_wait(&ring_, 1));
    } else {
      __kernel_timespec timeout{.tv_sec = rest.tv_sec, .tv_nsec = rest.tv_nsec};
      const int result = io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
      if (result != -ETIME) check(result);
    }
  }

  // The ring belongs to the thread that enables it, which need not be the one that made it.
  void enable() {
    if (std::exchange(enabled_, true)) return;
    // io_uring_enable_rings(), which the shared library of liburing 2.3 lacks
    check(io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_REGISTER_ENABLE_RINGS,
                            nullptr, 0));
    // Only a connect to a listener whose queue is full needs a thread of the kernel's to wait in.
    unsigned workers[] = {0, 16};
    io_uring_register_iowq_max_workers(&ring_, workers);
    // Spares each wait the look-up of the ring's descriptor, where the kernel can (5.18).
    io_uring_register_ring_fd(&ring_);
  }

  static void check(int result) {
    if (result >= 0 || result == -EINTR) return;
    throw std::system_error(-result, std::generic_category(), "io_uring_enter");
  }

  // Of a read: what it is to read is seldom there yet, so to look for it before the wait would be
  // in vain. Known since Linux 5.19, as is what set_up() asks of all kernels but older ones.
  std::uint16_t waits_first() const {
    const bool known = ring_.flags & (IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_COOP_TASKRUN);
    return known ? IORING_RECVSEND_POLL_FIRST : 0;
  }

  io_uring ring_;
  bool enabled_ = false;
  Timers<Channel> timers_;
};

}  // namespace waitbench
