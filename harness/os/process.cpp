#include "harness/os/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "harness/os/startup.hpp"
#include "impls/lib/clock.hpp"

extern "C" {  // which glibc 2.36 forgot to write in its own header
#include <sys/pidfd.h>
}

namespace waitbench {
namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (std::string& string : strings) list.push_back(string.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environment_with_padding(std::size_t bytes) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  if (bytes > 0) variables.push_back("WAITBENCH_PADDING=" + std::string(bytes, 'x'));
  return variables;
}

// What the child reports when it cannot become the program: which call failed, and why.
struct Failure {
  const char* what;
  int error;
};

// Between fork and exec: system calls only.
[[noreturn]] void become(const Launch& launch, pid_t parent, char** arguments, char** variables,
                         int report_fd) {
  const auto check = [report_fd](bool success, const char* what) {
    if (success) return;
    const Failure failure{.what = what, .error = errno};
    // Where even this fails, the exit code is left.
    [[maybe_unused]] const ssize_t written = write(report_fd, &failure, sizeof failure);
    _exit(127);
  };
  // A group of its own, so that a Ctrl-C reaches the harness alone, which then ends its children.
  check(setpgid(0, 0) == 0, "setpgid");
  // First, since the kernel forgets with them by which signal the parent's death is told.
  if (launch.user) {
    check(setgroups(0, nullptr) == 0, "setgroups");
    check(setgid(launch.user->group) == 0 && setuid(launch.user->user) == 0, "setuid");
  }
  check(prctl(PR_SET_PDEATHSIG, launch.orphan_signal.value_or(launch.end_signal)) == 0, "prctl");
  if (getppid() != parent) _exit(1);  // the parent died before this process asked to die with it
  if (!launch.cpus.empty()) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (const int cpu : launch.cpus) CPU_SET(static_cast<std::size_t>(cpu), &cpus);
    check(sched_setaffinity(0, sizeof cpus, &cpus) == 0, "sched_setaffinity");
  }
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
    if (launch.output_fd >= 0) check(dup2(launch.output_fd, stream) == stream, "dup2");
  for (const int fd : launch.inherited) check(fcntl(fd, F_SETFD, 0) == 0, "fcntl");
  if (launch.program != this_program) check(restore_default_signals(), "sigaction");
  execve(launch.program.c_str(), arguments, variables);
  check(false, "execve");
  _exit(127);
}

// Returns when the child has become the program, which closes its end of the pipe. Throws
// std::system_error when it could not.
void await_start(int report_fd) {
  Failure failure{};
  ssize_t size = 0;
  do {
    size = ::read(report_fd, &failure, sizeof failure);
  } while (size < 0 && errno == EINTR);
  if (size < 0) throw std::system_error(errno, std::generic_category(), "read");
  // The text lies at the same address in parent and child.
  if (size == sizeof failure)
    throw std::system_error(failure.error, std::generic_category(),
                            std::string("cannot start a process: ") + failure.what);
}

// The kernel is too old for it, or the filter of a container does not know it.
bool has_no_pidfds(int error) {
  return error == ENOSYS || error == EPERM;
}

int wait_for(pid_t pid, int* status, int options) {
  int waited = 0;
  do {
    waited = waitpid(pid, status, options);
  } while (waited < 0 && errno == EINTR);
  return waited;
}

}  // namespace

Process::Process(const Launch& launch) : end_signal_(launch.end_signal) {
  std::vector<std::string> words = {launch.program == this_program ? "waitbench" : launch.program};
  words.insert(words.end(), launch.arguments.begin(), launch.arguments.end());
  std::vector<std::string> variables = environment_with_padding(launch.padding_bytes);
  const std::vector<char*> argument_list = pointers(words);
  const std::vector<char*> variable_list = pointers(variables);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot start a process: pipe");
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0)
    become(launch, parent, const_cast<char**>(argument_list.data()),
           const_cast<char**>(variable_list.data()), writer.get());
  if (pid_ < 0) {
    pid_ = 0;
    throw std::system_error(errno, std::generic_category(), "cannot start a process");
  }
  writer.reset();
  try {
    await_start(reader.get());
    exit_fd_.reset(pidfd_open(pid_, 0));
    if (!exit_fd_ && !has_no_pidfds(errno))
      throw std::system_error(errno, std::generic_category(), "cannot start a process: pidfd_open");
  } catch (...) {  // there is no destructor of what was not constructed
    end();
    throw;
  }
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      end_signal_(other.end_signal_),
      exit_fd_(std::move(other.exit_fd_)),
      status_(std::exchange(other.status_, std::nullopt)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(end_signal_, other.end_signal_);
  std::swap(exit_fd_, other.exit_fd_);
  std::swap(status_, other.status_);
  return *this;
}

Process::~Process() {
  end();
}

void Process::end() noexcept {
  if (pid_ == 0 || status_) return;
  kill();
  if (status_) return;
  int status = 0;
  wait_for(pid_, &status, 0);
}

std::optional<int> Process::wait(std::int64_t deadline_ns) {
  constexpr std::int64_t longest_ms = 1000;
  constexpr std::int64_t glance_ms = 10;  // where no descriptor becomes readable at the end
  while (!status_) {
    int status = 0;
    const int waited = wait_for(pid_, &status, WNOHANG);
    if (waited < 0) throw std::system_error(errno, std::generic_category(), "waitpid");
    if (waited == pid_) {
      status_ = status;
      break;
    }
    const std::int64_t rest_ns = deadline_ns - now_ns();
    if (rest_ns <= 0) return std::nullopt;
    const std::int64_t most_ms = exit_fd_ ? longest_ms : glance_ms;
    pollfd ended{.fd = exit_fd_.get(), .events = POLLIN, .revents = 0};
    const int timeout_ms = static_cast<int>(std::min(rest_ns / ns_per_ms + 1, most_ms));
    if (poll(&ended, 1, timeout_ms) < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "poll");
  }
  return status_;
}

void Process::kill() {
  if (pid_ == 0 || status_) return;
  ::kill(pid_, end_signal_);
  if (end_signal_ == SIGKILL) return;
  constexpr std::int64_t patience_ns = 5 * ns_per_s;
  try {
    if (wait(now_ns() + patience_ns)) return;
  } catch (const std::system_error&) {  // the signal that cannot be caught needs no waiting
  }
  ::kill(pid_, SIGKILL);
}

std::string describe_exit(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
  return fmt::format("exited with code {}", WEXITSTATUS(status));
}

}  // namespace waitbench
