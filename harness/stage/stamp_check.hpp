// Whether the stamps that a backend puts on its replies can be true. Latencies are taken apart by
// them.
#pragma once

#include <string>

#include "harness/workloads/ledger.hpp"

namespace waitbench {

class StampCheck {
 public:
  // `is_our_clock`: backend and clients read the same clock.
  explicit StampCheck(bool is_our_clock) : is_our_clock_(is_our_clock) {}

  // Whether the stamps of an answered query can be true. A record without stamps is one of a reply
  // that has none.
  bool accepts(const LedgerRecord& record);

  // About the first record that was not accepted: "the backend stamped ..."; empty if all were.
  const std::string& objection() const { return objection_; }

 private:
  const char* fault(const LedgerRecord& record) const;

  bool is_our_clock_;
  std::string objection_;
};

}  // namespace waitbench
