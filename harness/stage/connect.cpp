#include "harness/stage/connect.hpp"

#include <fmt/format.h>

#include <map>
#include <string>

#include "harness/backend/endpoint.hpp"
#include "harness/backend/gate_client.hpp"
#include "harness/backend/real_servers.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

std::shared_ptr<Backend> start_backend(const StageOptions& options) {
  return std::make_shared<Backend>(options.workload, options.placement.backend_cpus,
                                   now_ns() + options.deadline_ns);
}

bool answers(const Backend& backend, const StageOptions& options) try {
  real_server_of(options.workload)->connect(backend, options.deadline_ns);
  return true;
} catch (const std::runtime_error&) {
  return false;
}

// A server ends with the thread that has started it, so threads do not share one. One that was
// killed or stopped is replaced.
std::shared_ptr<Backend> shared_server(const StageOptions& options) {
  thread_local std::map<std::string, std::shared_ptr<Backend>, std::less<>> servers;
  std::shared_ptr<Backend>& server = servers[std::string(options.workload)];
  if (!server || !answers(*server, options)) {
    server.reset();  // before another is started
    server = start_backend(options);
  }
  return server;
}

std::unique_ptr<Conductor> connect_gate_client(const Backend& backend,
                                               const StageOptions& options) {
  auto gate_client = std::make_unique<GateClient>(backend::parse_endpoint(backend.endpoint()),
                                                  options.deadline_ns);
  const control::Report report = gate_client->statistics(0);
  const std::string_view workload = control::workload_of(report);
  if (workload != options.workload)
    throw BackendFailed(fmt::format("the backend answers the queries of '{}', not those of '{}'",
                                    workload, options.workload));
  return gate_client;
}

}  // namespace

std::shared_ptr<Backend> find_backend(const StageOptions& options) try {
  if (!options.placement.backend.empty())
    return std::make_shared<Backend>(options.placement.backend);
  return real_server_of(options.workload) ? shared_server(options) : start_backend(options);
} catch (const std::exception& error) {
  throw BackendFailed(error.what());
}

std::unique_ptr<Conductor> connect_conductor(const Backend& backend,
                                             const StageOptions& options) try {
  if (const RealServer* const server = real_server_of(options.workload))
    return server->connect(backend, options.deadline_ns);
  return connect_gate_client(backend, options);
} catch (const std::exception& error) {
  throw BackendFailed(error.what());
}

}  // namespace waitbench
