// Where an nginx of the harness is reached, and where the gate behind it:
//
//   nginx://127.0.0.1:8000?gate=127.0.0.1:9000
//   nginx:///tmp/folder/socket?gate=127.0.0.1:9000
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/workloads/cell.hpp"
#include "impls/lib/address.hpp"

namespace waitbench::nginx {

std::string endpoint_over_tcp(std::uint16_t port, std::uint16_t gate_port);
std::string endpoint_over_unix(std::string_view path, std::uint16_t gate_port);

bool is_endpoint(std::string_view text);

struct Endpoint {
  Address server;
  Address gate;
};

// Throws std::invalid_argument with one line that says what is wrong and what would be right.
Endpoint parse_endpoint(const std::string& text);

Transport transport_of(const std::string& endpoint);

}  // namespace waitbench::nginx
