// epoll: the kernel keeps the list of what we watch, and hands us only what is ready.
//
// A connection is registered once, edge-triggered, for both directions; after that a wait costs one
// system call for all that became ready since the last, however many are watched and quiet. An edge
// tells of a change only, so the channel remembers that it may hold more (`maybe_readable`): after
// a read that filled its buffer, or an edge that came while nobody was reading. Readiness is not
// yet the data: each step still takes a recv or a send of its own. The limit is descriptors.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <optional>
#include <system_error>

#include "impls/conversation.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/socket.hpp"
#include "impls/lib/timer_queue.hpp"

namespace waitbench {

class Epoll {
 public:
  struct Channel {
    Descriptor socket;
    Step pending{};               // the step under way, while `waiting`
    bool waiting = false;         // for readiness; a sleeping channel waits in the timer queue
    bool maybe_readable = false;  // a recv now may find something
    bool hung_up = false;         // the end of the stream is near: no further edge will tell of it
  };

  Epoll() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }

  // Writes try first, since a socket is nearly always writable. Reads wait first: the reply to what
  // was just asked cannot be there yet.
  std::optional<Outcome> start(Channel& channel, Step step) {
    switch (step.kind) {
      case Kind::connect: return connect(channel, step);
      case Kind::write: return attempt(channel, step);
      case Kind::read:
        return channel.maybe_readable ? attempt(channel, step) : wait_for_readiness(channel, step);
      case Kind::sleep: timers_.push(step.deadline_ns, &channel); return std::nullopt;
      case Kind::close: channel.socket.reset(); return 0;
      case Kind::done: break;
    }
    return -EINVAL;
  }

  template <class Visitor>
  void wait(Visitor&& visit) {
    std::array<epoll_event, max_events> events;
    const int ready = wait_for_events(events);
    for (int i = 0; i < ready; ++i) {
      Channel& channel = *static_cast<Channel*>(events[i].data.ptr);
      if (std::optional<Outcome> outcome = on_edge(channel, events[i].events))
        visit(channel, *outcome);
    }
    if (timers_.empty()) return;
    for (const std::int64_t now = now_ns(); timers_.next_deadline_ns() <= now;)
      visit(*timers_.pop(), 0);
  }

 private:
  static constexpr int max_events = 256;
  static constexpr std::uint32_t hang_up = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

  std::optional<Outcome> connect(Channel& channel, Step step) {
    const Outcome connected = start_connect(channel.socket, *step.address);
    if (connected != 0 && connected != -EINPROGRESS) return connected;
    channel.maybe_readable = channel.hung_up = false;
    epoll_event both{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                     .data = {.ptr = &channel}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, channel.socket.get(), &both) != 0) return -errno;
    return connected == 0 ? std::optional(connected) : wait_for_readiness(channel, step);
  }

  std::optional<Outcome> attempt(Channel& channel, Step step) {
    const Outcome moved = transfer(channel.socket.get(), step);
    if (step.kind == Kind::read)
      channel.maybe_readable = channel.hung_up || moved == static_cast<Outcome>(step.size);
    if (moved != -EAGAIN) return moved;
    if (step.kind == Kind::write) watch(channel, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    return wait_for_readiness(channel, step);
  }

  static std::nullopt_t wait_for_readiness(Channel& channel, Step step) {
    channel.pending = step;
    channel.waiting = true;
    return std::nullopt;
  }

  // 0 or -errno. A change of what is watched makes an edge of what is ready already.
  Outcome watch(Channel& channel, int operation, std::uint32_t directions) {
    epoll_event event{.events = directions | EPOLLRDHUP | EPOLLET, .data = {.ptr = &channel}};
    return as_outcome(epoll_ctl(epoll_.get(), operation, channel.socket.get(), &event));
  }

  // The outcome of the channel's pending step, if this edge completes it.
  std::optional<Outcome> on_edge(Channel& channel, std::uint32_t events) {
    if (events & hang_up) channel.hung_up = true;
    if (events & (EPOLLIN | hang_up)) channel.maybe_readable = true;
    if (!channel.waiting) return std::nullopt;
    const bool reading = channel.pending.kind == Kind::read;
    if (!(reading ? channel.maybe_readable : (events & (EPOLLOUT | hang_up)) != 0))
      return std::nullopt;
    channel.waiting = false;
    if (!reading) watch(channel, EPOLL_CTL_MOD, EPOLLIN);
    if (channel.pending.kind == Kind::connect) return connect_result(channel.socket.get());
    return attempt(channel, channel.pending);
  }

  int wait_for_events(std::array<epoll_event, max_events>& events) {
    if (timers_.empty()) return epoll_wait(epoll_.get(), events.data(), max_events, -1);
    const std::int64_t rest_ns = std::max<std::int64_t>(0, timers_.next_deadline_ns() - now_ns());
    const timespec rest = to_timespec(rest_ns);
    return epoll_pwait2(epoll_.get(), events.data(), max_events, &rest, nullptr);
  }

  Descriptor epoll_;
  TimerQueue<Channel*> timers_;
};

}  // namespace waitbench
