#include "harness/backend/real_servers.hpp"

#include <algorithm>
#include <iterator>

#include "harness/backend/nginx/conductor.hpp"
#include "harness/backend/nginx/launcher.hpp"
#include "harness/backend/postgres/cluster.hpp"
#include "harness/backend/postgres/conductor.hpp"
#include "harness/workloads/nginx/endpoint.hpp"
#include "harness/workloads/postgres/endpoint.hpp"

namespace waitbench {
namespace {

constexpr RealServer servers[] = {
    {.workload = "postgres",
     .is_endpoint = postgres::is_endpoint,
     .transport_of = postgres::transport_of,
     .is_installed = postgres_is_installed,
     .serve = serve_postgres,
     .connect = connect_to_postgres},
    {.workload = "nginx",
     .is_endpoint = nginx::is_endpoint,
     .transport_of = nginx::transport_of,
     .is_installed = nginx_is_installed,
     .serve = serve_nginx,
     .connect = connect_to_nginx},
};

}  // namespace

const RealServer* real_server_of(std::string_view workload) {
  const auto found = std::ranges::find(servers, workload, &RealServer::workload);
  return found == std::end(servers) ? nullptr : &*found;
}

const RealServer* real_server_at(std::string_view endpoint) {
  const auto found = std::ranges::find_if(
      servers, [&](const RealServer& server) { return server.is_endpoint(endpoint); });
  return found == std::end(servers) ? nullptr : &*found;
}

}  // namespace waitbench
