// The wait on an epoll set, to the nanosecond, on every kernel that has epoll.
//
// epoll_pwait2 does it in one system call. A kernel before 5.11 answers ENOSYS, and a container
// whose filter is older than that call may answer EPERM. Then a wait with a timeout takes two:
// ppoll on the set, whose timeout is as fine, and an epoll_wait that only collects.
#pragma once

#include <poll.h>
#include <sys/epoll.h>

#include <atomic>
#include <span>

#include "impls/lib/ready_count.hpp"

namespace waitbench {

inline constinit std::atomic<bool> epoll_pwait2_is_refused = false;

[[gnu::cold, gnu::noinline]] inline int wait_for_epoll_without_pwait2(int epoll,
                                                                      std::span<epoll_event> events,
                                                                      const timespec* timeout) {
  if (timeout != nullptr) {
    pollfd set{.fd = epoll, .events = POLLIN, .revents = 0};
    if (ready_count(ppoll(&set, 1, timeout, nullptr), "ppoll") == 0) return 0;
  }
  const int most = static_cast<int>(events.size());
  return ready_count(epoll_wait(epoll, events.data(), most, timeout == nullptr ? -1 : 0),
                     "epoll_wait");
}

// Waits for events, for at most `timeout` (null: for as long as it takes), and says how many there
// are. Throws std::system_error when the wait fails.
inline int wait_for_epoll(int epoll, std::span<epoll_event> events, const timespec* timeout) {
  if (!epoll_pwait2_is_refused.load(std::memory_order_relaxed)) [[likely]] {
    const int most = static_cast<int>(events.size());
    const int ready = epoll_pwait2(epoll, events.data(), most, timeout, nullptr);
    if (ready >= 0 || (errno != ENOSYS && errno != EPERM)) [[likely]]
      return ready_count(ready, "epoll_pwait2");
    epoll_pwait2_is_refused = true;
  }
  return wait_for_epoll_without_pwait2(epoll, events, timeout);
}

}  // namespace waitbench
