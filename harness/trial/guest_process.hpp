// The process of a guest's trial. It starts the guest's own program, keeps all that this starts in
// one tree of processes, whatever becomes of their parents, and ends all of it.
#pragma once

#include <string>
#include <vector>

#include "harness/trial/order.hpp"

namespace waitbench {

// Starts `command` with the guest's order behind it, and waits until it has ended or SIGTERM orders
// to end it; then nothing that it has started is left. What went wrong is entered in the ledger.
// Returns the exit code.
int run_guest(const TrialOrder& order, const std::vector<std::string>& command);

// The one word that a guest is started with, in JSON (impls/guests/README.md). Throws
// std::invalid_argument when the workload has no queries for guests.
std::string guest_order(const TrialOrder& order);

}  // namespace waitbench
