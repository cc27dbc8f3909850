// Reads the ledger while its trial is held: was every query answered exactly once, and how many
// were under way at once?
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/workloads/cell.hpp"
#include "harness/workloads/ledger.hpp"

namespace waitbench {

class Auditor {
 public:
  // Calls `visit` with the record of each query that has ended since the last call, answered or
  // cancelled, and returns their number. A query that has ended twice is entered as a failure.
  template <class Visitor>
  std::size_t collect(Ledger& ledger, Visitor visit) {
    for (const std::uint64_t end = ledger.next_id(); next_ < end; ++next_) open_.push_back(next_);
    const std::size_t before = open_.size();
    std::erase_if(open_, [&](std::uint64_t id) {
      const LedgerRecord& record = ledger.record(id);
      if (record.id != id || !record.has_ended()) return false;
      if (record.answers > 1) ledger.fail("a query was answered more than once");
      if (record.answers > 0 && record.cancelled != Cancelled::no)
        ledger.fail("a query that was cancelled was answered");
      note_client(record.client);
      visit(record);
      return true;
    });
    return before - open_.size();
  }

  // The queries that were begun and have not ended, by their ids.
  const std::vector<std::uint64_t>& open() const { return open_; }

  // How many clients have ended a query.
  std::size_t clients() const { return clients_; }

 private:
  // A number beyond any that a cell can have is none of a client.
  void note_client(std::uint32_t number) {
    if (number >= most_connections) return;
    if (number >= answered_.size()) answered_.resize(number + 1);
    if (answered_[number]) return;
    answered_[number] = true;
    ++clients_;
  }

  std::vector<std::uint64_t> open_;
  std::vector<bool> answered_;  // by the number of the client
  std::size_t clients_ = 0;
  std::uint64_t next_ = 1;
};

// The mean number of queries under way within a window of time, from their own stamps: the sum of
// their times in the window over its length (Little's law).
class InFlight {
 public:
  InFlight(std::int64_t from_ns, std::int64_t to_ns) : from_ns_(from_ns), to_ns_(to_ns) {}

  // A query that was under way from `start_ns` to `end_ns` (0: it still is).
  void add(std::int64_t start_ns, std::int64_t end_ns) {
    const std::int64_t end = end_ns == 0 ? to_ns_ : std::min(end_ns, to_ns_);
    sum_ns_ += std::max<std::int64_t>(0, end - std::max(start_ns, from_ns_));
  }

  // 0 for an empty window.
  double mean() const {
    return to_ns_ > from_ns_ ? static_cast<double>(sum_ns_) / static_cast<double>(to_ns_ - from_ns_)
                             : 0;
  }

 private:
  std::int64_t from_ns_;
  std::int64_t to_ns_;
  std::int64_t sum_ns_ = 0;
};

}  // namespace waitbench
