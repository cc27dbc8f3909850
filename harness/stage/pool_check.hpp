// Whether a trial's clients have shared its pool. The gate sees no more than how many queries are
// in flight: a model that gives each client a connection of its own, or that lets some clients wait
// for ever, would have as many as it should.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "harness/stage/auditor.hpp"
#include "harness/trial/participant.hpp"

namespace waitbench {

// Why the trial is not to be credited, as a clause; empty if it is. While it is alive and held: it
// has more connections open than its cell.
std::string too_many_connections(pid_t trial, const Participant& participant, const Cell& cell);

// When it has ended: it has left clients out, in so many queries that nobody is left out by chance.
std::string clients_left_out(const Participant& participant, const Cell& cell,
                             const Auditor& auditor, std::uint64_t completed);

}  // namespace waitbench
