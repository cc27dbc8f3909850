// epoll: the kernel keeps the list of what we watch, and reports only what is ready.
//
// A connection is registered once, edge-triggered. After that a wait is one system call for
// everything that became ready since the last one, however many quiet connections are watched. An
// edge reports a change and nothing else, so the channel remembers that its socket may hold more
// (`maybe_readable`): after a read that filled its buffer, or an edge that came while no read was
// waiting. Writability is watched only while a write waits for it, because a Unix-domain socket
// reports it each time the peer reads. Readiness is not yet the data: each step takes a recv or a
// send of its own. A library's descriptor is level-triggered, since we do not see how much it
// reads; it stays registered until something comes that no step waits for. A kernel before 5.11
// takes two system calls for a wait with a timeout. The limit is descriptors.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "impls/conversation.hpp"
#include "impls/engines/timers.hpp"
#include "impls/engines/transfer.hpp"
#include "impls/lib/epoll_wait.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

class Epoll {
 public:
  static constexpr std::string_view name = "epoll", phrase = "an epoll loop";

  struct Channel : PendingStep {
    Descriptor socket;
    bool maybe_readable = false;  // a recv now may find something
    bool hung_up = false;         // the end of the stream is near, and no further edge reports it
    int library_descriptor = -1;  // that is registered
    std::uint32_t library_events = 0;
  };

  Epoll() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }

  // Writes try first, since a socket is nearly always writable. Reads wait first: the reply to a
  // request that was just sent cannot be there yet.
  std::optional<Outcome> start(Channel& channel, Step step) {
    switch (step.kind) {
      case StepKind::connect:
        channel.deadline_ns = deadline_of(step);
        return connect(channel, step);
      case StepKind::write: return attempt(channel, step);
      case StepKind::read:
        return channel.maybe_readable ? attempt(channel, step) : wait_until_ready(channel, step);
      case StepKind::sleep: return timers_.sleep(channel, step);
      case StepKind::close: channel.socket.reset(); return 0;
      case StepKind::begin: return 0;
      case StepKind::ready: return wait_for_library(channel, step);
      case StepKind::forget: return forget(channel);
      case StepKind::join:
      case StepKind::acquire:
      case StepKind::use:
      case StepKind::done: break;
    }
    return -EINVAL;
  }

  std::optional<Outcome> cancel(Channel& channel) {
    if (channel.waiting)
      stop_waiting(channel);
    else
      timers_.disarm(channel);  // a sleep, or a connect that is to be tried again
    return -ECANCELED;
  }

  template <class Visitor>
  void wait(Visitor&& visit, MaySleep may_sleep = MaySleep::yes) {
    std::array<epoll_event, max_events> events;
    const int ready = wait_for_events(events, may_sleep);
    for (int i = 0; i < ready; ++i) {
      Channel& channel = *static_cast<Channel*>(events[i].data.ptr);
      const std::optional<Outcome> outcome = channel.library_descriptor >= 0
                                                 ? on_library_ready(channel)
                                                 : on_edge(channel, events[i].events);
      if (outcome) visit(channel, *outcome);
    }
    timers_.fire_expired([&](Channel& channel) {
      if (const std::optional<Outcome> outcome = on_time(channel)) visit(channel, *outcome);
    });
  }

 private:
  static constexpr int max_events = 256;
  static constexpr std::uint32_t hang_up_events = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

  std::optional<Outcome> connect(Channel& channel, Step step) {
    const Outcome connected = start_connect(channel.socket, step.address());
    if (connected == -EAGAIN) return timers_.retry(channel, step);
    if (connected != 0 && connected != -EINPROGRESS) return connected;
    channel.maybe_readable = channel.hung_up = false;
    const Outcome watched = watch(channel, EPOLL_CTL_ADD, connected == 0 ? EPOLLIN : EPOLLOUT);
    if (watched != 0 || connected == 0) return watched;
    return timers_.arm(channel, step);
  }

  std::optional<Outcome> attempt(Channel& channel, Step step) {
    const Outcome moved = move_bytes(channel, step);
    if (moved == -EAGAIN) return wait_until_ready(channel, step);
    return moved;
  }

  Outcome move_bytes(Channel& channel, Step step) {
    const Outcome moved = transfer(channel.socket.get(), step);
    if (step.kind == StepKind::read)
      channel.maybe_readable = channel.hung_up || moved == static_cast<Outcome>(step.size);
    return moved;
  }

  std::nullopt_t wait_until_ready(Channel& channel, Step step) {
    if (step.kind == StepKind::write) watch_instead(channel, EPOLLIN | EPOLLOUT);
    return timers_.arm(channel, step);
  }

  void stop_waiting(Channel& channel) {
    const StepKind kind = channel.pending.kind;
    if (kind == StepKind::connect || kind == StepKind::write) watch_instead(channel, EPOLLIN);
    timers_.disarm(channel);
  }

  // A descriptor that is registered for the same already costs no system call.
  std::optional<Outcome> wait_for_library(Channel& channel, Step step) {
    const int descriptor = step.descriptor();
    epoll_event event{.events = step.waits_to_read() ? EPOLLIN : EPOLLOUT,
                      .data = {.ptr = &channel}};
    const bool is_registered = channel.library_descriptor == descriptor;
    if (!is_registered || channel.library_events != event.events) {
      const int operation = is_registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
      if (epoll_ctl(epoll_.get(), operation, descriptor, &event) != 0) return -errno;
      channel.library_descriptor = descriptor;
      channel.library_events = event.events;
    }
    return timers_.arm(channel, step);
  }

  // What comes while no step waits for it would be reported again at every wait.
  std::optional<Outcome> on_library_ready(Channel& channel) {
    if (!channel.waiting || channel.pending.kind != StepKind::ready) {
      forget(channel);
      return std::nullopt;
    }
    timers_.disarm(channel);
    return 0;
  }

  // A library that has closed it already has thereby taken it out of the set.
  Outcome forget(Channel& channel) {
    const int descriptor = std::exchange(channel.library_descriptor, -1);
    if (descriptor < 0 || epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr) == 0)
      return 0;
    return errno == EBADF || errno == ENOENT ? 0 : -errno;
  }

  // 0 or -errno. A change of what is watched has the kernel report again what is ready already.
  Outcome watch(Channel& channel, int operation, std::uint32_t directions) {
    epoll_event event{.events = directions | EPOLLRDHUP | EPOLLET, .data = {.ptr = &channel}};
    return result_or_error(epoll_ctl(epoll_.get(), operation, channel.socket.get(), &event));
  }

  // The kernel has no reason to refuse this for a socket that it watches already.
  void watch_instead(Channel& channel, std::uint32_t directions) {
    if (const Outcome watched = watch(channel, EPOLL_CTL_MOD, directions); watched != 0)
      throw std::system_error(-watched, std::generic_category(), "epoll_ctl");
  }

  // The outcome of the channel's step, if this edge completes it.
  std::optional<Outcome> on_edge(Channel& channel, std::uint32_t events) {
    if (events & hang_up_events) channel.hung_up = true;
    if (events & (EPOLLIN | hang_up_events)) channel.maybe_readable = true;
    if (!channel.waiting) return std::nullopt;
    const bool reading = channel.pending.kind == StepKind::read;
    if (!(reading ? channel.maybe_readable : (events & (EPOLLOUT | hang_up_events)) != 0))
      return std::nullopt;
    const bool connecting = channel.pending.kind == StepKind::connect;
    const Outcome outcome =
        connecting ? connect_result(channel.socket.get()) : move_bytes(channel, channel.pending);
    if (outcome == -EAGAIN) return std::nullopt;
    stop_waiting(channel);
    return outcome;
  }

  // The time of a step is up, a sleep is over, or a connect may be tried again.
  std::optional<Outcome> on_time(Channel& channel) {
    if (channel.pending.kind == StepKind::sleep) return 0;
    if (!channel.waiting) return connect(channel, channel.pending);
    stop_waiting(channel);
    return -ETIMEDOUT;
  }

  int wait_for_events(std::array<epoll_event, max_events>& events, MaySleep may_sleep) {
    timespec storage;
    return wait_for_epoll(epoll_.get(), events, timers_.timeout(storage, may_sleep));
  }

  Descriptor epoll_;
  Timers<Channel> timers_;
};

}  // namespace waitbench
