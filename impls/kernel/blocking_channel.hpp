// The engine of the kernel-scheduled models: each step is a blocking system call, and it is the
// kernel that remembers where the caller was and wakes it. What takes an engine a start and a wait
// is one function here.
#pragma once

#include "impls/lib/clock.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

class BlockingChannel {
 public:
  // Performs the step and returns when it is done.
  Outcome perform(Step step) {
    switch (step.kind) {
      case Kind::connect: return connect(*step.address);
      case Kind::read:
      case Kind::write: return transfer(socket_.get(), step);
      case Kind::sleep: return sleep_until(step.deadline_ns);
      case Kind::close: socket_.reset(); return 0;
      case Kind::done: break;
    }
    return -EINVAL;
  }

 private:
  Outcome connect(const Address& address) {
    socket_ = open_socket(address, 0);
    return socket_ ? connect_socket(socket_.get(), address) : -errno;
  }

  static Outcome sleep_until(std::int64_t deadline_ns) {
    const timespec deadline = to_timespec(deadline_ns);
    return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
  }

  Descriptor socket_;
};

// A whole conversation on the caller's stack: "where we were" is the place in this loop.
inline void converse(Conversation& talk) {
  BlockingChannel channel;
  for (Step step = talk.resume(0); step.kind != Kind::done;
       step = talk.resume(channel.perform(step))) {
  }
}

}  // namespace waitbench
