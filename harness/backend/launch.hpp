// Where a backend comes from: a process that the harness starts, with a line on a pipe when it is
// ready, so that nobody sleeps until it is up; or one that was started elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/os/process.hpp"
#include "harness/workloads/cell.hpp"
#include "harness/workloads/eligibility.hpp"

namespace waitbench {

class Backend {
 public:
  // Starts `waitbench serve --workload WORKLOAD` on the CPUs given. Throws std::runtime_error when
  // it is not ready by the deadline (CLOCK_MONOTONIC) or ends before; Interrupted.
  Backend(std::string_view workload, const std::vector<int>& cpus, std::int64_t deadline_ns);

  // One that was started elsewhere, and listens at `endpoint`.
  explicit Backend(const std::string& endpoint);

  pid_t pid() const { return process_.pid(); }        // 0 when it is not ours
  int exit_fd() const { return process_.exit_fd(); }  // readable once it has ended; -1: not ours

  // Its exit status, if it ends by the deadline (CLOCK_MONOTONIC); empty when it is not ours.
  std::optional<int> ended(std::int64_t deadline_ns = 0);

  // Where it listens, as parse_endpoint() reads it; empty when it is not reached so.
  const std::string& endpoint(Transport transport) const {
    return transport == Transport::tcp ? tcp_ : unix_;
  }

  // Where it receives orders.
  const std::string& endpoint() const { return unix_.empty() ? tcp_ : unix_; }

 private:
  Process process_;
  std::string tcp_;
  std::string unix_;
};

// The name of the workload whose queries the backend at `endpoint` answers. Throws
// std::invalid_argument, with what is wrong and what would be right, unless a waitbench backend
// answers there by the deadline.
std::string workload_of_backend(const std::string& endpoint, std::int64_t deadline_ns);

// Whether the backend at `endpoint` can be asked as the cell says. It can when `endpoint` is empty:
// one that the harness starts has both transports, if it can be started here.
Eligibility eligible_backend(const std::string& endpoint, const Cell& cell);

}  // namespace waitbench
