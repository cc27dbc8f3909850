// What the operating system has counted for a process, read from outside: the process is left
// alone, and a trial that is held costs nothing between two of its turns.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace waitbench {

struct Counters {
  std::int64_t cpu_ns = 0;  // user and system time of all its threads
  std::uint64_t switches_voluntary = 0;
  std::uint64_t switches_involuntary = 0;
};

// CPU time of the process alone: one system call. 0 when there is no such process.
std::int64_t process_cpu_ns(pid_t pid);

// Waits until the process sleeps: until its CPU clock stands still, and none of its threads runs or
// waits for a CPU. False when it did not by the deadline (CLOCK_MONOTONIC).
bool wait_until_asleep(pid_t pid, std::int64_t deadline_ns);

// All counters of the process, summed over its living threads.
Counters read_counters(pid_t pid);

}  // namespace waitbench
