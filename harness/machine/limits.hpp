// The machine's limits that a run comes up against.
#pragma once

#include <cstddef>

namespace waitbench {

// Of each process, beside its connections: ledger, epoll, standard streams ...
inline constexpr std::size_t own_descriptors = 32;

struct Limits {
  std::size_t descriptors = 0;  // per process
  std::size_t ports = 0;        // ephemeral, towards one endpoint
  std::size_t threads = 0;  // processes and their threads, of the machine, user or control group
};

Limits machine_limits();  // throws std::system_error

// Raises this process's soft limit of descriptors to the hard one, on which machine_limits()
// counts. Throws std::system_error.
void raise_descriptor_limit();

}  // namespace waitbench
