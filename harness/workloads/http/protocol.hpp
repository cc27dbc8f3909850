// HTTP as our own backend speaks it.
#pragma once

#include "harness/workloads/protocol.hpp"

namespace waitbench {

extern const Protocol http_protocol;

}  // namespace waitbench
