// The delay workload: a query says how long the backend is to wait before it replies, and how much.
#pragma once

#include "harness/workloads/workload.hpp"

namespace waitbench {

extern const Workload delay_workload;

}  // namespace waitbench
