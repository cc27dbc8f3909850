#include "harness/os/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

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

// Between fork and exec: system calls only.
[[noreturn]] void become(const Launch& launch, pid_t parent, char** arguments, char** variables) {
  // A group of its own, so that a Ctrl-C reaches the harness alone, which then ends its children.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // the parent died before it could be waited for
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const int cpu : launch.cpus) CPU_SET(static_cast<std::size_t>(cpu), &cpus);
  if (!launch.cpus.empty()) sched_setaffinity(0, sizeof cpus, &cpus);
  for (const int fd : launch.inherited) fcntl(fd, F_SETFD, 0);
  execve(launch.program.c_str(), arguments, variables);
  _exit(127);
}

}  // namespace

Process::Process(const Launch& launch) {
  std::vector<std::string> words = {launch.program == this_program ? "waitbench" : launch.program};
  words.insert(words.end(), launch.arguments.begin(), launch.arguments.end());
  std::vector<std::string> variables = environment_with_padding(launch.padding_bytes);
  const std::vector<char*> argument_list = pointers(words);
  const std::vector<char*> variable_list = pointers(variables);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0)
    become(launch, parent, const_cast<char**>(argument_list.data()),
           const_cast<char**>(variable_list.data()));
  if (pid_ < 0) {
    pid_ = 0;
    throw std::system_error(errno, std::generic_category(), "cannot start a process");
  }
  exit_fd_.reset(pidfd_open(pid_, 0));
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      exit_fd_(std::move(other.exit_fd_)),
      status_(std::exchange(other.status_, std::nullopt)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(exit_fd_, other.exit_fd_);
  std::swap(status_, other.status_);
  return *this;
}

Process::~Process() {
  if (pid_ == 0 || status_) return;
  kill();
  int status = 0;
  waitpid(pid_, &status, 0);
}

std::optional<int> Process::wait(std::int64_t deadline_ns) {
  while (!status_) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      status_ = status;
      break;
    }
    const std::int64_t rest_ns = deadline_ns - now_ns();
    if (rest_ns <= 0) return std::nullopt;
    pollfd ended{.fd = exit_fd_.get(), .events = POLLIN, .revents = 0};
    poll(&ended, 1, static_cast<int>(std::min<std::int64_t>(rest_ns / ns_per_ms + 1, 1000)));
  }
  return status_;
}

void Process::kill() {
  if (pid_ != 0 && !status_) ::kill(pid_, SIGKILL);
}

std::string describe_exit(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
  return fmt::format("exited with code {}", WEXITSTATUS(status));
}

}  // namespace waitbench
