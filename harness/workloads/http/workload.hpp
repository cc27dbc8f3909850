// The http workload: each query is a GET, which the backend answers after a while.
#pragma once

#include "harness/workloads/workload.hpp"

namespace waitbench {

extern const Workload http_workload;

}  // namespace waitbench
