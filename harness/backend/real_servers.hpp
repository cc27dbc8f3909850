// Workloads whose queries a real server answers, instead of our own backend: how the harness starts
// such a server, and how it holds the trials that ask it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/backend/conductor.hpp"
#include "harness/backend/launch.hpp"
#include "harness/backend/serve.hpp"

namespace waitbench {

struct RealServer {
  std::string_view workload;
  // Whether an endpoint is one of such a server, by how it begins.
  bool (*is_endpoint)(std::string_view text);
  Transport (*transport_of)(const std::string& endpoint);
  // Whether one can be started here.
  Eligibility (*is_installed)();
  // What `waitbench serve --workload` does: starts a private server, and ends it at SIGTERM.
  int (*serve)(const backend::ServeOptions& options);
  // Throws std::runtime_error when the server does not answer within `patience_ns`.
  std::unique_ptr<Conductor> (*connect)(const Backend& backend, std::int64_t patience_ns);
};

// Null for the workloads that our own backend answers.
const RealServer* real_server_of(std::string_view workload);

// Null for an endpoint of our own backend.
const RealServer* real_server_at(std::string_view endpoint);

}  // namespace waitbench
