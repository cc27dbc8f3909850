// How many sleeping tasks of each kind are made at once, and what would stop us from making more.
#pragma once

#include <cstddef>
#include <string>

namespace waitbench::micro {

struct Population {
  std::size_t tasks = 0;
  std::string limit;  // the tightest of this machine, in words
};

// Tasks that take nothing but memory: `wanted`, or as many as fit into half of it at
// `bytes_each`.
Population that_fit_into_memory(std::size_t wanted, std::size_t bytes_each);

// Likewise within half of the tightest of the kernel's limits.
Population threads_within_limits(std::size_t wanted);
Population processes_within_limits(std::size_t wanted);

}  // namespace waitbench::micro
