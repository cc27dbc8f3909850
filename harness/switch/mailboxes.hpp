// How a loop is told from elsewhere that there is something to do for it: by the means that each
// engine has for it, and nothing around it.
//
// A mailbox is a loop that waits for nothing else. post_to() tells it, from any loop of its kind;
// wait() returns when it has been told.
#pragma once

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

#include "impls/lib/descriptor.hpp"
#include "impls/lib/epoll_wait.hpp"
#include "impls/lib/ready_count.hpp"
#if WAITBENCH_WITH_LIBUV
#include <uv.h>
#endif
#if WAITBENCH_WITH_IO_URING
#include "impls/lib/io_uring_queue.hpp"
#endif

namespace waitbench::micro {

// An eventfd, which any loop can watch that watches descriptors.
class EventfdMailbox {
 public:
  EventfdMailbox() : eventfd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!eventfd_) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  void post_to(EventfdMailbox& other) const {
    const std::uint64_t one = 1;
    if (::write(other.eventfd_.get(), &one, sizeof one) != sizeof one)
      throw std::system_error(errno, std::generic_category(), "cannot write to an eventfd");
  }

 protected:
  int fd() const { return eventfd_.get(); }

  // Whether there was something.
  bool take() const {
    std::uint64_t posted = 0;
    return ::read(fd(), &posted, sizeof posted) == sizeof posted;
  }

 private:
  Descriptor eventfd_;
};

struct SelectMailbox : EventfdMailbox {
  void wait() const {
    do {
      fd_set watched;
      FD_ZERO(&watched);
      FD_SET(fd(), &watched);
      ready_count(pselect(fd() + 1, &watched, nullptr, nullptr, nullptr, nullptr), "pselect");
    } while (!take());
  }
};

struct PollMailbox : EventfdMailbox {
  void wait() const {
    do {
      pollfd watched{.fd = fd(), .events = POLLIN, .revents = 0};
      ready_count(ppoll(&watched, 1, nullptr, nullptr), "ppoll");
    } while (!take());
  }
};

class EpollMailbox : public EventfdMailbox {
 public:
  EpollMailbox() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = this}};
    if (!epoll_ || epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd(), &event) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot watch an eventfd");
  }

  void wait() const {
    do {
      epoll_event event;
      wait_for_epoll(epoll_.get(), {&event, 1}, nullptr);
    } while (!take());
  }

 private:
  Descriptor epoll_;
};

#if WAITBENCH_WITH_LIBUV
class LibuvMailbox {
 public:
  LibuvMailbox() {
    check(uv_loop_init(&loop_), "uv_loop_init");
    check(uv_async_init(&loop_, &async_, [](uv_async_t* async) { ++told(async); }),
          "uv_async_init");
    async_.data = this;
  }
  LibuvMailbox(const LibuvMailbox&) = delete;
  LibuvMailbox& operator=(const LibuvMailbox&) = delete;
  ~LibuvMailbox() {
    uv_close(reinterpret_cast<uv_handle_t*>(&async_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
  }

  void post_to(LibuvMailbox& other) const { check(uv_async_send(&other.async_), "uv_async_send"); }
  void wait() {
    for (const std::uint64_t before = told_; told_ == before;) uv_run(&loop_, UV_RUN_ONCE);
  }

 private:
  static void check(int error, const char* what) {
    if (error != 0) throw std::system_error(-error, std::generic_category(), what);
  }
  static std::uint64_t& told(uv_async_t* async) {
    return static_cast<LibuvMailbox*>(async->data)->told_;
  }

  uv_loop_t loop_;
  uv_async_t async_;
  std::uint64_t told_ = 0;  // how often
};
#endif

#if WAITBENCH_WITH_IO_URING
// A message from ring to ring; to oneself, an operation that does nothing. What is posted is handed
// in with the next wait, in one system call.
class RingMailbox {
 public:
  static std::string unavailable() {
    if (std::string why = IoUringQueue::unavailable(); !why.empty()) return why;
    IoUringQueue queue;
    io_uring_probe* const probe = io_uring_get_probe_ring(&queue.get());
    const bool known = probe != nullptr && io_uring_opcode_supported(probe, IORING_OP_MSG_RING);
    io_uring_free_probe(probe);
    return known ? "" : "io_uring of this kernel knows no messages between rings (Linux 5.18 does)";
  }

  void post_to(RingMailbox& other) {
    io_uring_sqe& operation = queue_.next_submission();
    if (&other == this) {
      io_uring_prep_nop(&operation);
    } else {
      io_uring_prep_msg_ring(&operation, other.queue_.get().ring_fd, 0, told, 0);
      operation.flags |= IOSQE_CQE_SKIP_SUCCESS;
    }
    io_uring_sqe_set_data64(&operation, told);
  }
  void wait() {
    for (bool was_told = false; !was_told;) {
      queue_.submit_and_wait();
      queue_.take_completions([&](const io_uring_cqe& completion) {
        if (completion.res < 0)
          throw std::system_error(-completion.res, std::generic_category(), "a message to a ring");
        was_told = true;
      });
    }
  }

 private:
  static constexpr __u64 told = 1;

  IoUringQueue queue_;
};
#endif

}  // namespace waitbench::micro
