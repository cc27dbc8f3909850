// The timers of a loop, the same in every engine: sleeps and deadlines are in one queue of our own,
// so a step without a deadline does not read the clock, and a wait needs one timeout.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>

#include "impls/conversation.hpp"
#include "impls/engine.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/timer_queue.hpp"

namespace waitbench {

// What the channel of any engine remembers of the step under way.
struct PendingStep {
  Step pending{};
  std::int64_t deadline_ns = 0;          // of a connect that is tried again and again
  std::uint32_t timer_index = no_timer;  // in the queue, while its time is limited
  bool waiting = false;                  // for its socket, and not only for a deadline
};

// When to give up a step that begins now: CLOCK_MONOTONIC in ns.
inline std::int64_t deadline_of(Step step) {
  return step.timeout_us == 0 ? TimerQueue<int>::never : now_ns() + step.timeout_us * ns_per_us;
}

template <class Channel>
class Timers {
 public:
  bool empty() const { return queue_.empty(); }
  std::int64_t next_deadline_ns() const { return queue_.next_deadline_ns(); }

  // The channel waits for its deadline and nothing else.
  std::nullopt_t sleep(Channel& channel, Step step) {
    channel.pending = step;
    queue_.push(step.deadline_ns(), &channel);
    return std::nullopt;
  }

  // The channel begins to wait for its socket, for as long as the step allows.
  std::nullopt_t arm(Channel& channel, Step step) {
    channel.pending = step;
    channel.waiting = true;
    if (step.timeout_us != 0) queue_.push(deadline_of(step), &channel);
    return std::nullopt;
  }

  // What the channel waited for has come.
  void disarm(Channel& channel) {
    channel.waiting = false;
    if (channel.timer_index != no_timer) queue_.remove(&channel);
  }

  // The kernel does not tell when a listener's queue has room again: the connect is tried again
  // each millisecond, until `deadline_ns`.
  std::optional<Outcome> retry(Channel& channel, Step step) {
    const std::int64_t now = now_ns();
    if (now >= channel.deadline_ns) return -ETIMEDOUT;
    channel.pending = step;
    queue_.push(std::min(now + retry_ns, channel.deadline_ns), &channel);
    return std::nullopt;
  }

  // How long a wait may last, kept in `storage`: until the next deadline. Null if there is none.
  const timespec* timeout(timespec& storage, MaySleep may_sleep) const {
    if (may_sleep == MaySleep::no) return &(storage = {});
    if (queue_.empty()) return nullptr;
    storage = to_timespec(std::max<std::int64_t>(0, queue_.next_deadline_ns() - now_ns()));
    return &storage;
  }

  // Calls `on_time` with each channel whose time has come. A timer that is added meanwhile fires at
  // the next call, so that no sleeper can keep the loop from looking at its sockets.
  template <class OnTime>
  void fire_expired(OnTime on_time) {
    if (queue_.empty()) return;
    const std::int64_t now = now_ns();
    for (std::size_t left = queue_.size(); left > 0 && queue_.next_deadline_ns() <= now; --left)
      on_time(*queue_.pop());
  }

 private:
  static constexpr std::int64_t retry_ns = ns_per_ms;

  TimerQueue<Channel*> queue_;
};

}  // namespace waitbench
