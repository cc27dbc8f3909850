// Addresses as people write them: HOST:PORT and @name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "impls/lib/address.hpp"

namespace waitbench::backend {

// `HOST:PORT`, the host a name, an IPv4 address, or an IPv6 address in brackets; or `@NAME`, in the
// abstract namespace of Unix sockets. A name that leads to addresses of both kinds is taken for the
// IPv4 one. Throws std::invalid_argument with one line that says what is wrong and what would be
// right.
Address parse_endpoint(std::string_view text);

// `127.0.0.1:8000`, `[::1]:8000`, or `@name` for a name in the abstract namespace.
std::string to_text(const Address& address);

std::uint16_t port_of(const Address& tcp_address);

// Whether it leads nowhere but to this machine, whatever its interfaces: a Unix socket, 127.x.x.x
// or ::1.
bool is_local(const Address& address);

}  // namespace waitbench::backend
