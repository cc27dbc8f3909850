#include "impls/lib/children.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

namespace waitbench {
namespace {

// The copy ends without the original's clean-up: what there is to flush or to remove is not its
// own.
[[noreturn]] void run_as_child(pid_t parent, const std::function<void()>& body, const char* what) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(EXIT_FAILURE);  // it died before we could ask to die with it
  try {
    body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", what, error.what());
    _exit(EXIT_FAILURE);
  }
  _exit(EXIT_SUCCESS);
}

std::string describe(int status) {
  return WIFSIGNALED(status) ? "was killed by signal " + std::to_string(WTERMSIG(status))
                             : "exited with code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Children::~Children() {
  for (const Child& child : running_) kill(child.pid, SIGKILL);
  for (const Child& child : running_)
    while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

void Children::start(const std::function<void()>& body, const char* what) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) run_as_child(parent, body, what);
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "cannot start a process");
  running_.push_back({pid, what});
}

void Children::wait_for_all() {
  while (!running_.empty()) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);
    if (pid < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "cannot wait for a process");
    const auto ended = std::ranges::find(running_, pid, &Child::pid);
    if (ended == running_.end()) continue;  // it is not one of ours
    const char* const what = ended->what;
    running_.erase(ended);
    if (status != 0) throw std::runtime_error(what + (' ' + describe(status)));
  }
}

}  // namespace waitbench
