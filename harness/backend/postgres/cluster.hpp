// A PostgreSQL server of the harness's own: a cluster in a temporary folder, which is started for
// the purpose, reached over a Unix socket in that folder and over TCP on loopback, and taken away
// at the end, also when the harness is killed.
#pragma once

#include "harness/backend/serve.hpp"
#include "harness/workloads/eligibility.hpp"

namespace waitbench {

Eligibility postgres_is_installed();

// Starts such a server and waits until SIGINT or SIGTERM comes; then it ends the server and removes
// all that belongs to it. Returns the exit code; any but 0 comes with one line on stderr.
int serve_postgres(const backend::ServeOptions& options);

}  // namespace waitbench
