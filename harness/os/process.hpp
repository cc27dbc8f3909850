// A child process: it is started with the CPUs that it may use, ends with its parent, is waited for
// with a deadline, and is killed and reaped at the latest by the destructor of its owner.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "impls/lib/descriptor.hpp"

namespace waitbench {

inline constexpr const char* this_program = "/proc/self/exe";

struct UserId {
  uid_t user;
  gid_t group;
};

struct Launch {
  std::vector<std::string> arguments{};  // the first is a sub-command, if the program is this one
  std::vector<int> cpus{};               // where it may run
  std::vector<int> inherited{};          // descriptors it keeps, under the same numbers
  std::size_t padding_bytes = 0;         // of environment, which moves the stack
  std::string program = this_program;
  std::optional<UserId> user{};  // whose rights it has; empty: those of its parent
  int output_fd = -1;  // where its standard output and error go; -1: where those of its parent go
  // With which it is ended, and which it gets when its parent dies unless that is another one. A
  // program that has processes of its own to end needs one that it can catch; if it does not end
  // within some seconds it is killed.
  int end_signal = SIGKILL;
  std::optional<int> orphan_signal{};
};

class Process {
 public:
  Process() = default;
  // Returns when the program runs. Throws std::system_error, with the call that failed, when it
  // cannot be started in the way that `launch` says.
  explicit Process(const Launch& launch);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  // Readable once the process has ended. It is -1, which poll() passes over, without a process, or
  // where the system has no such descriptors: so it must not be the only thing that ends a long
  // wait.
  int exit_fd() const { return exit_fd_.get(); }

  // How it ended, as of waitpid; empty when it had not by the deadline (CLOCK_MONOTONIC). Throws
  // std::system_error.
  std::optional<int> wait(std::int64_t deadline_ns);

  // Sends it its end signal. What is left of a program that catches it is waited for, and killed.
  void kill();

 private:
  void end() noexcept;

  pid_t pid_ = 0;
  int end_signal_ = SIGKILL;
  Descriptor exit_fd_;
  std::optional<int> status_;
};

// "exited with code 3", "was killed by signal 9 (Killed)".
std::string describe_exit(int status);

}  // namespace waitbench
