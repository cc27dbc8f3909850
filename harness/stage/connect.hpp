// The server of a stage's trials, and the harness's end of it.
#pragma once

#include <memory>

#include "harness/backend/conductor.hpp"
#include "harness/backend/launch.hpp"
#include "harness/stage/trial_executor.hpp"

namespace waitbench {

// The server that the options name, or one that is started for the purpose, off the clients' CPUs.
// A real server takes seconds to start: all stages of a thread share one. Throws BackendFailed.
std::shared_ptr<Backend> find_backend(const StageOptions& options);

// Throws BackendFailed, also when the server answers the queries of another workload.
std::unique_ptr<Conductor> connect_conductor(const Backend& backend, const StageOptions& options);

}  // namespace waitbench
