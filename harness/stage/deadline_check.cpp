#include "harness/stage/deadline_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "impls/lib/clock.hpp"

namespace waitbench {

DeadlineCheck::DeadlineCheck(std::uint32_t deadline_us, std::int64_t opened_ns)
    : deadline_ns_(deadline_us * ns_per_us), opened_ns_(opened_ns) {}

void DeadlineCheck::add(const LedgerRecord& record) {
  constexpr std::int64_t grace_ns = 2 * ns_per_ms;  // some engines' timers count milliseconds
  if (record.cancelled == Cancelled::no) {
    ++answered_;
    // Those of before have waited at the gate, and had no deadline.
    const bool had_deadline = deadline_ns_ != 0 && record.start_ns >= opened_ns_;
    const std::int64_t delayed_ns = record.due_ns - record.received_ns;
    too_late_ += had_deadline && delayed_ns > 2 * deadline_ns_ + grace_ns;
    return;
  }
  ++cancelled_;
  cancelled_before_sent_ += record.cancelled == Cancelled::before_sent;
  due_early_ += record.due_ns < deadline_ns_ / 2;
  const std::int64_t took_ns = record.end_ns - record.start_ns;
  if (took_ns < deadline_ns_ || deadline_ns_ == 0)
    too_early_ = fmt::format("it cancelled query {} after {} us, before its deadline of {} us",
                             record.id, took_ns / ns_per_us, deadline_ns_ / ns_per_us);
}

// Relative to those that were cancelled: more than can happen on a busy machine.
bool DeadlineCheck::are_many(std::uint64_t queries, double share) const {
  constexpr double few = 2;
  return static_cast<double>(queries) > few + share * static_cast<double>(cancelled_);
}

std::string DeadlineCheck::objection(std::uint64_t replies) const {
  if (!too_early_.empty()) return too_early_;
  const std::int64_t deadline_us = deadline_ns_ / ns_per_us;
  // A model that had to wait for its CPU finds the reply and the end of the time together.
  constexpr double share_too_late = 0.25;
  if (are_many(too_late_, share_too_late))
    return fmt::format(
        "it waited for {} replies that came long after the deadline of {} us, and cancelled {} "
        "queries",
        too_late_, deadline_us, cancelled_);
  // A backend that had to wait for its CPU sends many replies while their queries are cancelled.
  constexpr double share_due_early = 0.75;
  const std::uint64_t unread = replies - std::min(replies, answered_);
  if (are_many(std::min(due_early_, unread), share_due_early))
    return fmt::format(
        "it cancelled {} queries whose replies were due before half of the deadline of {} us, and "
        "{} replies had come",
        due_early_, deadline_us, unread);
  return "";
}

}  // namespace waitbench
