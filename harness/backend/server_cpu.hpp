// The CPU time of a server that has a process for each of its connections. Only their number is
// read from /proc: to ask each of hundreds of processes for its children would take longer than a
// turn.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <unordered_map>

namespace waitbench {

class ServerCpu {
 public:
  // `root` has started the server's first process, which starts the others. 0: the server is not
  // ours, and its time is not known.
  explicit ServerCpu(pid_t root) : root_(root) {}

  // Since the first call, of all its processes, also those that have ended meanwhile, with what was
  // read of them last.
  std::int64_t read_ns();

 private:
  pid_t root_;
  std::unordered_map<pid_t, std::int64_t> cpu_ns_;
};

}  // namespace waitbench
