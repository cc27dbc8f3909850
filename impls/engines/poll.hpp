// poll: we keep the list of what we watch, and show all of it to the kernel at every wait.
//
// An array has an entry for each descriptor that is waited for. The kernel asks each of these
// sockets, sleeps, asks each again, and marks the entries that are ready, which we must search for.
// The array outlives the wait, so it is not built again, but a wait takes time in proportion to the
// number of descriptors watched, ready or quiet (some ten nanoseconds each). Readiness is
// level-triggered: it is reported as long as it lasts, so only connections that wait may be in the
// array. The limit is descriptors, but the time of a wait grows long before that.
#pragma once

#include <poll.h>

#include <optional>
#include <string_view>
#include <vector>

#include "impls/conversation.hpp"
#include "impls/engines/timers.hpp"
#include "impls/engines/transfer.hpp"
#include "impls/lib/ready_count.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

class Poll {
 public:
  static constexpr std::string_view name = "poll", phrase = "a poll loop";

  struct Channel : PendingStep {
    Descriptor socket;
    std::uint32_t index = 0;  // in the array, while `waiting`
  };

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
      case StepKind::ready: return wait_until_ready(channel, step);
      case StepKind::forget: return 0;  // only who waits is in the array
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
    int ready = wait_for_events(may_sleep);
    for (std::size_t i = 0; ready > 0 && i < watched_.size();) {
      Channel& channel = *whose_[i];
      std::optional<Outcome> outcome;
      if (watched_[i].revents != 0) {
        watched_[i].revents = 0;
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
    if (connected == -EAGAIN) return timers_.retry(channel, step);
    if (connected == -EINPROGRESS) return wait_until_ready(channel, step);
    return connected;
  }

  std::optional<Outcome> attempt(Channel& channel, Step step) {
    const Outcome moved = transfer(channel.socket.get(), step);
    if (moved == -EAGAIN) return wait_until_ready(channel, step);
    return moved;
  }

  std::nullopt_t wait_until_ready(Channel& channel, Step step) {
    const short direction = step.waits_to_read() ? POLLIN : POLLOUT;
    const int descriptor = step.kind == StepKind::ready ? step.descriptor() : channel.socket.get();
    channel.index = static_cast<std::uint32_t>(watched_.size());
    watched_.push_back({.fd = descriptor, .events = direction, .revents = 0});
    whose_.push_back(&channel);
    return timers_.arm(channel, step);
  }

  void stop_waiting(Channel& channel) {
    watched_[channel.index] = watched_.back();
    whose_[channel.index] = whose_.back();
    whose_[channel.index]->index = channel.index;
    watched_.pop_back();
    whose_.pop_back();
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

  // How many entries the kernel has marked.
  int wait_for_events(MaySleep may_sleep) {
    timespec storage;
    const timespec* const timeout = timers_.timeout(storage, may_sleep);
    return ready_count(ppoll(watched_.data(), watched_.size(), timeout, nullptr), "ppoll");
  }

  std::vector<pollfd> watched_;
  std::vector<Channel*> whose_;  // of the entries, by the same index
  Timers<Channel> timers_;
};

}  // namespace waitbench
