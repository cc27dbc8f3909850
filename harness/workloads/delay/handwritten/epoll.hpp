// What the epoll natives share: the connections' registration, and the wait.
#pragma once

#include <sys/epoll.h>

#include <array>

#include "harness/workloads/delay/handwritten/handwritten.hpp"
#include "impls/lib/ready_count.hpp"

namespace waitbench {

class HandwrittenEpoll {
 public:
  HandwrittenEpoll() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }

  void watch(int socket, void* whose) {
    epoll_event readable{.events = EPOLLIN, .data = {.ptr = whose}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &readable) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }

  // Waits, then calls `on_readable` with whatever was given for each socket that is.
  template <class OnReadable>
  void wait(OnReadable on_readable) {
    std::array<epoll_event, 256> events;
    const int ready =
        ready_count(epoll_wait(epoll_.get(), events.data(), events.size(), -1), "epoll_wait");
    for (int i = 0; i < ready; ++i) on_readable(events[i].data.ptr);
  }

 private:
  Descriptor epoll_;
};

}  // namespace waitbench
