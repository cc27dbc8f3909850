// The two queues that a program shares with io_uring, set up as well as the kernel can: one into
// which it writes operations, and one from which it reads their results.
#pragma once

#include <liburing.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace waitbench {

class IoUringQueue {
 public:
  IoUringQueue() {
    if (const int error = set_up(ring_); error != 0)
      throw std::system_error(-error, std::generic_category(), "io_uring_setup");
  }
  IoUringQueue(const IoUringQueue&) = delete;
  IoUringQueue& operator=(const IoUringQueue&) = delete;
  ~IoUringQueue() { io_uring_queue_exit(&ring_); }

  // Why this machine does not let us have one; empty when it does.
  static std::string unavailable() {
    io_uring ring;
    const int error = set_up(ring);
    if (error == 0) {
      io_uring_queue_exit(&ring);
      return "";
    }
    if (error == -EINVAL) return "io_uring of this kernel is too old (Linux 5.11 would do)";
    int disabled = 0;
    std::ifstream("/proc/sys/kernel/io_uring_disabled") >> disabled;
    if (disabled != 0) return "kernel.io_uring_disabled is " + std::to_string(disabled);
    if (error == -EPERM) return "io_uring_setup is refused, probably by a seccomp filter";
    return "io_uring_setup fails: " + std::generic_category().message(-error);
  }

  io_uring& get() { return ring_; }

  // Whether a read can wait before it looks: since Linux 5.19, as are the flags that set_up() gets
  // from all kernels but older ones.
  bool knows_poll_first() const {
    return ring_.flags & (IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_COOP_TASKRUN);
  }

  // Whether a receive can stay open: since Linux 6.0; the flag, since 6.1.
  bool knows_multishot() const { return ring_.flags & IORING_SETUP_DEFER_TASKRUN; }

  // Where the next operation is to be written; it is handed in with the next wait.
  io_uring_sqe& next_submission() {
    io_uring_sqe* free = nullptr;
    while ((free = io_uring_get_sqe(&ring_)) == nullptr) {
      enable();
      check(io_uring_submit(&ring_));
    }
    return *free;
  }

  // Hands in what was written, and blocks until something has ended, or for so long (null: for as
  // long as it takes).
  void submit_and_wait(const timespec* at_most = nullptr) {
    enable();
    if (at_most == nullptr) {
      check(io_uring_submit_and_wait(&ring_, 1));
      return;
    }
    io_uring_cqe* first = nullptr;
    __kernel_timespec timeout{.tv_sec = at_most->tv_sec, .tv_nsec = at_most->tv_nsec};
    const int result = io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
    if (result != -ETIME) check(result);
  }

  // Calls `on_completion` with each that is there.
  template <class OnCompletion>
  void take_completions(OnCompletion on_completion) {
    std::array<io_uring_cqe*, max_at_once> ended;
    while (const unsigned n = io_uring_peek_batch_cqe(&ring_, ended.data(), max_at_once)) {
      for (unsigned i = 0; i < n; ++i) on_completion(*ended[i]);
      io_uring_cq_advance(&ring_, n);
    }
  }

 private:
  static constexpr unsigned submissions = 1024;      // more are handed in before the wait
  static constexpr unsigned completions = 32 << 10;  // what does not fit is kept by the kernel
  static constexpr unsigned max_at_once = 256;

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
    if (error != 0 || ring.features & IORING_FEAT_EXT_ARG) return error;
    io_uring_queue_exit(&ring);  // its waits have no timeout: Linux 5.10
    return -EINVAL;
  }

  // The ring belongs to the thread that enables it, which need not be the one that made it.
  void enable() {
    if (std::exchange(enabled_, true)) return;
    // io_uring_enable_rings(), which the shared library of liburing 2.3 lacks
    check(io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_REGISTER_ENABLE_RINGS,
                            nullptr, 0));
    // Two things that a kernel may refuse, and that only make it cheaper. Only a connect to a
    // listener whose queue is full needs a thread of the kernel's to wait in (5.15).
    unsigned workers[] = {0, 16};
    io_uring_register_iowq_max_workers(&ring_, workers);
    // Spares each wait the look-up of the ring's descriptor (5.18).
    io_uring_register_ring_fd(&ring_);
  }

  static void check(int result) {
    if (result >= 0 || result == -EINTR) return;
    throw std::system_error(-result, std::generic_category(), "io_uring_enter");
  }

  io_uring ring_;
  bool enabled_ = false;
};

}  // namespace waitbench
