// The configuration of an nginx of the harness's own. Nothing in it ends a connection or a request
// that takes long, since trials are held for as long as others have their turns; and nothing is
// logged but faults. What it does not mention is as nginx has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace waitbench::nginx {

struct Configuration {
  std::size_t workers = 1;
  std::size_t worker_connections = 0;  // with clients and with the gate
  std::uint16_t port = 0;
  std::string socket{};  // the path of the Unix socket
  std::uint16_t gate_port = 0;
};

// Its files lie in the folder that nginx is given as its prefix.
std::string text_of(const Configuration& configuration);

}  // namespace waitbench::nginx
