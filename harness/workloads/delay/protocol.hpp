// The server half of the delay query.
#pragma once

#include "harness/workloads/protocol.hpp"

namespace waitbench {

extern const Protocol delay_protocol;

}  // namespace waitbench
