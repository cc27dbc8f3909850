// Addresses as people write them: HOST:PORT and @name.
#pragma once

#include <string>
#include <string_view>

#include "impls/lib/address.hpp"

namespace waitbench::backend {

// `HOST:PORT`, the host an IPv4 address or a name that leads to one; or `@NAME`, in the abstract
// namespace of Unix sockets. Throws std::invalid_argument
// with one line that says what is wrong and what would be right.
Address parse_endpoint(std::string_view text);

// `127.0.0.1:8000`, or `@name` for a name in the abstract namespace.
std::string to_text(const Address& address);

}  // namespace waitbench::backend
