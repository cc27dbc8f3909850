#include "harness/os/descendants.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "harness/os/process_tree.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

void adopt_orphans() {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1UL) != 0)
    throw std::system_error(errno, std::generic_category(), "prctl");
}

void end_descendants() {
  constexpr std::int64_t patience_ns = 2 * ns_per_s;
  constexpr useconds_t pause_us = 1000;
  const std::int64_t deadline_ns = now_ns() + patience_ns;
  do {
    const std::vector<pid_t> pids = process_tree(getpid());
    if (pids.size() == 1) return;
    for (std::size_t i = 1; i < pids.size(); ++i) kill(pids[i], SIGKILL);
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
    usleep(pause_us);
  } while (now_ns() < deadline_ns);
}

}  // namespace waitbench
