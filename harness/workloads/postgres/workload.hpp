// The postgres workload: each query fetches one row of a real PostgreSQL server by its primary key.
#pragma once

#include "harness/workloads/workload.hpp"

namespace waitbench {

extern const Workload postgres_workload;

}  // namespace waitbench
