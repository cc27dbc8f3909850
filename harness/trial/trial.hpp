// A trial: one participant in a process of its own, driving its clients until the ledger says stop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/trial/order.hpp"
#include "harness/trial/participant.hpp"

namespace waitbench {

// How long a turn of so many queries may last, of a model that has so many in flight, beside the
// deadline for starts and ends: far longer than it takes if all is well.
std::int64_t turn_limit_ns(const TrialOrder& order, std::size_t max_in_flight,
                           std::uint64_t queries);

// How much later than that a turn may be before it counts as a standstill, where starts and ends
// have the deadline given.
std::int64_t turn_grace_ns(std::int64_t deadline_ns);

// Runs the trial in this process. What goes wrong is entered in the ledger. Returns the exit code.
int run_trial(const TrialOrder& order, std::span<const Participant> participants);

}  // namespace waitbench
