// The nginx workload: each query is a GET, which a real nginx answers.
#pragma once

#include "harness/workloads/workload.hpp"

namespace waitbench {

extern const Workload nginx_workload;

}  // namespace waitbench
