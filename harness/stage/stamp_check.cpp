#include "harness/stage/stamp_check.hpp"

#include <fmt/format.h>

#include "impls/lib/clock.hpp"

namespace waitbench {

bool StampCheck::accepts(const LedgerRecord& record) {
  const char* const what = fault(record);
  if (what == nullptr) return true;
  if (objection_.empty())
    objection_ = fmt::format(
        "the backend stamped a reply as {}: received at {} ns, due at {} ns, sent at {} ns, and "
        "the "
        "query lasted from {} ns to {} ns",
        what, record.received_ns, record.due_ns, record.sent_ns, record.start_ns, record.end_ns);
  return false;
}

const char* StampCheck::fault(const LedgerRecord& record) const {
  if (record.received_ns == 0 && record.due_ns == 0 && record.sent_ns == 0) return nullptr;
  if (record.received_ns <= 0) return "received before the clock began";
  if (record.due_ns < record.received_ns) return "due before its query was received";
  if (record.sent_ns < record.due_ns) return "sent before it was due";
  // Two clocks differ in their rates by far less.
  const std::int64_t lasted_ns = record.end_ns - record.start_ns;
  if (record.sent_ns - record.received_ns > lasted_ns + lasted_ns / 100 + ns_per_ms)
    return "sent later than the query lasted";
  if (is_our_clock_ && record.received_ns < record.start_ns)
    return "received before its query was sent";
  if (is_our_clock_ && record.sent_ns > record.end_ns) return "sent after it had arrived";
  return nullptr;
}

}  // namespace waitbench
