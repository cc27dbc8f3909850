// Keeps CPUs from going idle while something is measured.
//
// A CPU with nothing to do is put to sleep, deeper the longer it has nothing, and on a virtual
// machine it is handed back to the hypervisor. How it is then woken costs microseconds, which
// wander from one turn to the next, and which the kernel charges to the thread that wakes it and to
// the one that is woken: on a virtual machine with two CPUs the costs of two turns of one program
// at half load lay 9% apart (one standard deviation), and 3% where the CPUs were kept awake; what
// models cost relative to each other was the same.
#pragma once

#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "harness/machine/placement.hpp"

namespace waitbench {

// All CPUs that a run uses on this machine; none where a quota of CPU time, in CPUs, does not
// suffice for them: spinning counts as use, and would leave less for what is measured.
std::vector<int> cpus_to_keep_awake(const Placement& placement, std::optional<double> quota_cpus);

class IdleInhibitor {
 public:
  // From here on, until the destructor, each of `cpus` has a thread of this process that spins
  // whenever no other thread wants the CPU. Throws std::system_error.
  explicit IdleInhibitor(std::span<const int> cpus);

 private:
  std::vector<std::jthread> spinners_;
};

}  // namespace waitbench
