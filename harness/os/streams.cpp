#include "harness/os/streams.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace waitbench {
namespace {

// The error that ended it, or 0 when all of the text was written. The descriptor may not block,
// since it is shared with other processes, one of which may have asked for that.
int write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = fd, .events = POLLOUT, .revents = 0};
      if (poll(&writable, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

void write_to_stdout(std::string_view text) {
  if (const int error = write_all(STDOUT_FILENO, text); error != 0) throw OutputFailed(error);
}

void finish_stdout() {
  const int copy = dup(STDOUT_FILENO);
  if (copy < 0 || close(copy) != 0) throw OutputFailed(errno);
}

void write_to_stderr(std::string_view text) noexcept {
  write_all(STDERR_FILENO, text);
}

bool stderr_is_ready() noexcept {
  pollfd writable{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT) != 0;
}

void end_by_broken_pipe() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(SIGPIPE, &action, nullptr);
  raise(SIGPIPE);
  _exit(128 + SIGPIPE);
}

}  // namespace waitbench
