// Whether a model has kept the deadlines of its queries, in one turn. That each query was either
// answered or cancelled, and that the backend has seen it, is counted by the stage; here is what
// the count does not show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/workloads/ledger.hpp"

namespace waitbench {

class DeadlineCheck {
 public:
  // `deadline_us` 0: there is none, and then no query may be cancelled.
  DeadlineCheck(std::uint32_t deadline_us, std::int64_t opened_ns);

  // A query that has ended in the turn.
  void add(const LedgerRecord& record);

  std::uint64_t cancelled() const { return cancelled_; }
  std::uint64_t cancelled_before_sent() const { return cancelled_before_sent_; }
  std::uint64_t answered() const { return answered_; }

  // Why the turn is not to be credited, as a clause; empty if it is. `replies`: what the backend
  // has sent.
  std::string objection(std::uint64_t replies) const;

 private:
  bool are_many(std::uint64_t queries, double share) const;

  std::int64_t deadline_ns_;
  std::int64_t opened_ns_;
  std::uint64_t answered_ = 0;
  std::uint64_t cancelled_ = 0;
  std::uint64_t cancelled_before_sent_ = 0;
  std::uint64_t too_late_ = 0;   // answered, when they ought to have been cancelled long before
  std::uint64_t due_early_ = 0;  // cancelled, though their replies were due long before
  std::string too_early_;        // about a query that was cancelled before its time
};

}  // namespace waitbench
