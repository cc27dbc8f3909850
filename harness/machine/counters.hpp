// What the operating system has counted for a trial, read from outside: the trial is left alone,
// and while it is held it costs nothing between two of its turns. A trial is a process and whatever
// processes it has started.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <unordered_map>

namespace waitbench {

struct Counters {
  std::int64_t cpu_ns = 0;  // user and system time
  std::uint64_t switches_voluntary = 0;
  std::uint64_t switches_involuntary = 0;
};

// CPU time of one process, with all the threads that it has or had: one system call. 0 when there
// is no such process.
std::int64_t process_cpu_ns(pid_t pid);

// Waits until the process and its descendants sleep: until their CPU clocks stand still, and none
// of their threads runs or waits for a CPU. False when they did not by the deadline
// (CLOCK_MONOTONIC). It looks at least once, whatever the deadline.
bool wait_until_asleep(pid_t root, std::int64_t deadline_ns);

// Adds up the counters of a process and its descendants. What has ended keeps counting with what
// was read of it last, so that no sum is ever less than the one before.
class TreeCounters {
 public:
  explicit TreeCounters(pid_t root) : root_(root) {}

  Counters read();

 private:
  struct Switches {
    std::uint64_t voluntary;
    std::uint64_t involuntary;
  };

  pid_t root_;
  std::unordered_map<pid_t, std::int64_t> cpu_ns_;  // by process, as read last
  std::unordered_map<pid_t, Switches> switches_;    // by thread
};

// One reading.
inline Counters read_counters(pid_t root) {
  return TreeCounters(root).read();
}

}  // namespace waitbench
