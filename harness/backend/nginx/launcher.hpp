// An nginx of the harness's own: its configuration and its files lie in a temporary folder, it is
// reached over a Unix socket in that folder and over TCP on loopback, and is taken away at the end,
// also when the harness is killed. Behind it stands a backend of ours, in the launcher's own
// process, which nginx asks for what has to wait: delayed replies and rests.
#pragma once

#include "harness/backend/serve.hpp"
#include "harness/workloads/eligibility.hpp"

namespace waitbench {

Eligibility nginx_is_installed();

// Starts such a server and waits until SIGINT or SIGTERM comes; then it ends the server and removes
// all that belongs to it. Returns the exit code; any but 0 comes with one line on stderr.
int serve_nginx(const backend::ServeOptions& options);

}  // namespace waitbench
