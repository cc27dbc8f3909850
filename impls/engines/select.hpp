// select: we tell the kernel at every wait what to watch, as sets of descriptor numbers.
//
// We fill a set for reading and a set for writing. The kernel goes through all numbers up to the
// highest in them, asks each socket, sleeps, asks each again, and overwrites the sets with the
// answer, which we must search. So a wait takes time in proportion to the highest number that is
// watched, however few sockets are ready, and the sets must be filled again for every wait.
// Readiness is level-triggered: it is reported as long as it lasts, so only connections that wait
// may be in the sets. The limit is part of the type: fd_set has FD_SETSIZE (1,024) bits, whatever
// the machine allows.
#pragma once

#include <sys/select.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "impls/conversation.hpp"
#include "impls/engines/timers.hpp"
#include "impls/engines/transfer.hpp"
#include "impls/lib/ready_count.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

class Select {
 public:
  static constexpr std::string_view name = "select", phrase = "a select loop";

  struct Channel : PendingStep {
    Descriptor socket;
    std::uint32_t index = 0;  // in the list, while `waiting`
  };

  // The process has some other descriptors, too.
  static constexpr std::size_t max_connections = FD_SETSIZE - 24;

  // Writes try first, since a socket is nearly always writable. Reads wait first: the reply to a
  // request that was just sent cannot be there yet.
  std::optional<Outcome> start(Channel& channel, Step step) {
    switch (step.kind) {
      case StepKind::connect:
        channel.deadline_ns = deadline_of(step);
        return connect(channel, step);
      case StepKind::write: return attempt(channel, step);
      case StepKind::read: return wait_until_ready(channel, step);
      case StepKind::sleep: return timers_.sleep(channel, step);
      case StepKind::close: channel.socket.reset(); return 0;
      case StepKind::begin: return 0;
      case StepKind::ready:
        if (step.descriptor() >= FD_SETSIZE) return -EMFILE;
        return wait_until_ready(channel, step);
      case StepKind::forget: return 0;  // only who waits is in the sets
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
    fd_set readable, writable;
    int ready = wait_for_events(readable, writable, may_sleep);
    for (std::size_t i = 0; ready > 0 && i < watched_.size();) {
      Channel& channel = *watched_[i];
      fd_set& set = channel.pending.waits_to_read() ? readable : writable;
      const int socket = watched_descriptor(channel);
      std::optional<Outcome> outcome;
      if (FD_ISSET(socket, &set)) {
        FD_CLR(socket, &set);  // a channel that is listed from now on was not asked about
        --ready;
        outcome = on_ready(channel);
      }
      if (outcome)
        visit(channel, *outcome);  // another stands in its place
      else
        ++i;
    }
    timers_.fire_expired([&](Channel& channel) {
      if (const std::optional<Outcome> outcome = on_time(channel)) visit(channel, *outcome);
    });
  }

 private:
  std::optional<Outcome> connect(Channel& channel, Step step) {
    const Outcome connected = start_connect(channel.socket, step.address());
    if (channel.socket.get() >= FD_SETSIZE) return -EMFILE;
    if (connected == -EAGAIN) return timers_.retry(channel, step);
    if (connected == -EINPROGRESS) return wait_until_ready(channel, step);
    return connected;
  }

  std::optional<Outcome> attempt(Channel& channel, Step step) {
    const Outcome moved = transfer(channel.socket.get(), step);
    if (moved == -EAGAIN) return wait_until_ready(channel, step);
    return moved;
  }

  static int watched_descriptor(const Channel& channel) {
    return channel.pending.kind == StepKind::ready ? channel.pending.descriptor()
                                                   : channel.socket.get();
  }

  std::nullopt_t wait_until_ready(Channel& channel, Step step) {
    channel.index = static_cast<std::uint32_t>(watched_.size());
    watched_.push_back(&channel);
    return timers_.arm(channel, step);
  }

  void stop_waiting(Channel& channel) {
    watched_[channel.index] = watched_.back();
    watched_[channel.index]->index = channel.index;
    watched_.pop_back();
    timers_.disarm(channel);
  }

  // The outcome of the channel's step, unless the socket was not ready after all.
  std::optional<Outcome> on_ready(Channel& channel) {
    const Outcome outcome = outcome_when_ready(channel.socket.get(), channel.pending);
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

  // How many bits are set afterwards: the sets then hold only what is ready.
  int wait_for_events(fd_set& readable, fd_set& writable, MaySleep may_sleep) {
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    int highest = -1;
    for (const Channel* channel : watched_) {
      const int socket = watched_descriptor(*channel);
      FD_SET(socket, channel->pending.waits_to_read() ? &readable : &writable);
      highest = std::max(highest, socket);
    }
    timespec storage;
    const timespec* const timeout = timers_.timeout(storage, may_sleep);
    return ready_count(pselect(highest + 1, &readable, &writable, nullptr, timeout, nullptr),
                       "pselect");
  }

  std::vector<Channel*> watched_;
  Timers<Channel> timers_;
};

}  // namespace waitbench
