// What an nginx says of itself (stub_status), over a connection of the harness's own.
#pragma once

#include <cstdint>
#include <string>

#include "impls/lib/address.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench::nginx {

class Status {
 public:
  // Connects. Every function throws std::runtime_error, "the backend ...", when nginx does not
  // answer within `patience_ns`, is gone, or answers with something else; Interrupted.
  Status(const Address& server, std::int64_t patience_ns);

  // How many requests nginx has read since it started, this one included.
  std::uint64_t requests();

 private:
  std::string ask();

  Descriptor socket_;
  std::int64_t patience_ns_;
};

// The number of requests in the text that stub_status answers with. Throws std::runtime_error.
std::uint64_t requests_in(const std::string& text);

}  // namespace waitbench::nginx
