#include "harness/os/startup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace waitbench {
namespace {

bool set_disposition(int signal, void (*handler)(int)) noexcept {
  struct sigaction action {};
  action.sa_handler = handler;
  return sigaction(signal, &action, nullptr) == 0;
}

bool unblock_signals() noexcept {
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

void check(bool success, const char* what) {
  if (!success) throw std::system_error(errno, std::generic_category(), what);
}

// The lowest free number is the one that open() gives, so the descriptors fill up in order.
void open_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    check(errno == EBADF && open("/dev/null", O_RDWR) == fd, "cannot open /dev/null");
  }
}

}  // namespace

void reset_inherited_state() {
  open_standard_descriptors();
  check(set_disposition(SIGCHLD, SIG_DFL) && set_disposition(SIGPIPE, SIG_IGN) &&
            set_disposition(SIGXFSZ, SIG_IGN),
        "sigaction");
  check(unblock_signals(), "sigprocmask");
}

bool restore_default_signals() noexcept {
  return set_disposition(SIGPIPE, SIG_DFL) && set_disposition(SIGXFSZ, SIG_DFL) &&
         unblock_signals();
}

}  // namespace waitbench
