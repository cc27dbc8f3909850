// Who runs where: clients and backend on cores of their own, so that a model is never charged for
// the backend's work, nor slowed by it on the other half of a core.
#pragma once

#include <pthread.h>

#include <span>
#include <string>
#include <vector>

namespace waitbench {

// A CPU as the kernel counts them. With SMT several share a core; `core` is the same for them, and
// differs between any two cores of a `package`.
struct LogicalCpu {
  int cpu = 0;
  int core = 0;
  int package = 0;
};

struct Placement {
  std::vector<int> client_cpus;
  std::vector<int> backend_cpus;  // and the harness's
  std::vector<int> awake_cpus{};  // that are kept from going idle
  bool shared = false;    // there is but one core, so that clients and backend slow each other
  std::string backend{};  // endpoint of one that was started elsewhere; empty: we start our own
};

// Clients get the first half of the distinct cores, the backend the rest: with an odd number the
// backend has one more, since it must be faster than its clients. Of each core one CPU is used, as
// two busy siblings would slow each other by an amount that depends on which processes happen to
// run there. With a single core: `shared`, on different siblings if it has any. Throws
// std::invalid_argument if `cpus` is empty.
Placement plan_placement(std::vector<LogicalCpu> cpus);

// The CPUs on which this process may run, with their place in the machine. Where the
// topology is unknown every CPU counts as a core. Throws std::system_error.
std::vector<LogicalCpu> available_cpus();

// Confines a thread, and all threads and processes that it starts from now on, to `cpus`. Throws
// std::system_error.
void pin(std::span<const int> cpus, pthread_t thread = pthread_self());

}  // namespace waitbench
