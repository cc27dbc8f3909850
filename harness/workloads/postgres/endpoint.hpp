// Where a PostgreSQL server is reached, as libpq writes it: postgresql://USER@HOST:PORT/DATABASE.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/workloads/cell.hpp"
#include "impls/lib/address.hpp"

namespace waitbench::postgres {

inline constexpr const char* role = "waitbench";  // the user of a server of our own

// Of a server of our own.
std::string endpoint_over_tcp(std::uint16_t port);
std::string endpoint_over_unix(std::string_view folder, std::uint16_t port);

bool is_endpoint(std::string_view text);

// Its parts, for who connects without libpq. Throws std::invalid_argument with libpq's reason.
struct Endpoint {
  std::string host = "127.0.0.1";  // or the folder of a Unix socket
  std::string port = "5432";
  std::string user;
  std::string database;
};
Endpoint parse_endpoint(const std::string& text);

// Throws std::invalid_argument when the host is no IPv4 address, nor a folder.
Address address_of(const Endpoint& endpoint);

Transport transport_of(const std::string& endpoint);

}  // namespace waitbench::postgres
