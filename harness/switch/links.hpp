// How one thread or process tells another that it is its turn: links, each with one who gives a
// token and one who takes it. All of them let the kernel put the taker to sleep, and none spins.
#pragma once

#include <fcntl.h>
#include <linux/futex.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <utility>

#include "impls/lib/descriptor.hpp"

namespace waitbench::micro {

enum class Token : char { none, go, stop };

class FutexLink {
 public:
  static constexpr std::size_t descriptors = 0;  // that a link takes

  void give(Token token) {
    word_.store(static_cast<std::uint32_t>(token), std::memory_order_release);
    call(FUTEX_WAKE_PRIVATE, 1);
  }
  Token take() {
    while (true) {
      const std::uint32_t found = word_.exchange(nothing, std::memory_order_acquire);
      if (found != nothing) return static_cast<Token>(found);
      call(FUTEX_WAIT_PRIVATE, nothing);
    }
  }

 private:
  static constexpr auto nothing = static_cast<std::uint32_t>(Token::none);

  void call(int operation, std::uint32_t value) {
    syscall(SYS_futex, &word_, operation, value, nullptr, nullptr, 0);
  }

  std::atomic<std::uint32_t> word_ = nothing;
};

class ConditionLink {
 public:
  static constexpr std::size_t descriptors = 0;

  void give(Token token) {
    {
      const std::lock_guard lock(mutex_);
      token_ = token;
    }
    given_.notify_one();
  }
  Token take() {
    std::unique_lock lock(mutex_);
    given_.wait(lock, [this] { return token_ != Token::none; });
    return std::exchange(token_, Token::none);
  }

 private:
  std::mutex mutex_;
  std::condition_variable given_;
  Token token_ = Token::none;
};

// POSIX's semaphore: that of the C++ library looks several times before it sleeps.
class SemaphoreLink {
 public:
  static constexpr std::size_t descriptors = 0;

  SemaphoreLink() { sem_init(&given_, 0, 0); }
  SemaphoreLink(const SemaphoreLink&) = delete;
  SemaphoreLink& operator=(const SemaphoreLink&) = delete;
  ~SemaphoreLink() { sem_destroy(&given_); }

  void give(Token token) {
    token_ = token;
    sem_post(&given_);
  }
  Token take() {
    while (sem_wait(&given_) != 0 && errno == EINTR) {
    }
    return token_;
  }

 private:
  sem_t given_;
  Token token_ = Token::none;
};

// A byte through the kernel, from one end to the other. One that can no longer come is a stop.
class ByteLink {
 public:
  static constexpr std::size_t descriptors = 2;

  void give(Token token) {
    [[maybe_unused]] const ssize_t written = ::write(giving_.get(), &token, 1);
  }
  Token take() {
    Token token = Token::stop;
    while (::read(taking_.get(), &token, 1) < 0 && errno == EINTR) {
    }
    return token;
  }

 protected:
  ByteLink(int (*make)(int ends[2]), const char* what) {
    int ends[2];
    if (make(ends) != 0) throw std::system_error(errno, std::generic_category(), what);
    taking_.reset(ends[0]);
    giving_.reset(ends[1]);
  }

 private:
  Descriptor taking_;
  Descriptor giving_;
};

struct PipeLink : ByteLink {
  PipeLink() : ByteLink([](int ends[2]) { return pipe2(ends, O_CLOEXEC); }, "cannot make a pipe") {}
};

struct SocketLink : ByteLink {
  SocketLink()
      : ByteLink(
            [](int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends); },
            "cannot make a pair of sockets") {}
};

}  // namespace waitbench::micro
