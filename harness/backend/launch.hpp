// The embedded backend as the harness starts it: a process of its own, with a word on a pipe when
// it is ready, so that nobody sleeps until it is up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/cell.hpp"
#include "harness/process.hpp"

namespace waitbench {

class BackendProcess {
 public:
  // Starts `waitbench serve` on the CPUs given. Throws std::runtime_error when it is not ready by
  // the deadline (CLOCK_MONOTONIC) or ends before; Interrupted.
  BackendProcess(const std::vector<int>& cpus, std::int64_t deadline_ns);

  pid_t pid() const { return process_.pid(); }
  Process& process() { return process_; }

  // Where it listens, as parse_endpoint() reads it.
  const std::string& endpoint(Transport transport) const {
    return transport == Transport::tcp ? tcp_ : unix_;
  }

 private:
  Process process_;
  std::string tcp_;
  std::string unix_;
};

}  // namespace waitbench
