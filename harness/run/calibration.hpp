// Finds out in a few seconds what this machine does, and so which loads fit it.
#pragma once

#include <span>

#include "harness/run/loads.hpp"
#include "harness/run/pass_options.hpp"
#include "harness/trial/participant.hpp"

namespace waitbench {

// The loads for these models, of which the first is the one that all are compared with:
//
// - a matched load keeps the clients' CPUs of the costliest model at most half busy. Models that
//   cannot have the whole load in flight, such as pools, have no say in it, nor have brokers;
// - with the work per reply the backend has at least a sixth of its CPU to spare, over either
//   transport, for whichever model costs it most.
//
// Each load is tried, and the next one of the ladder is taken until one fits. Models that fail are
// left out: the run itself says why. If none is left, the loads are the fixed ones.
Loads calibrate(std::span<const Participant* const> models, const PassOptions& options);

}  // namespace waitbench
