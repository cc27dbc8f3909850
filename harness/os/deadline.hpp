// A time limit for something that is waited for, fair to it when this process itself was stopped
// (by Ctrl-Z, SIGSTOP, a debugger, or a machine without CPU time for it): such time does not count,
// since nobody looked whether the thing had come.
#pragma once

#include <algorithm>
#include <cstdint>

#include "impls/lib/clock.hpp"

namespace waitbench {

class Deadline {
 public:
  // A waiting loop asks every few milliseconds. If it did not run for so long, it was stopped.
  static constexpr std::int64_t longest_pause_ns = 500 * ns_per_ms;

  // The two clocks are given by tests only.
  explicit Deadline(std::int64_t limit_ns, std::int64_t now = now_ns(),
                    std::int64_t cpu_ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID))
      : end_ns_(now + limit_ns), seen_ns_(now), seen_cpu_ns_(cpu_ns) {}

  // To be asked often, by the thread that made the deadline.
  bool has_passed(std::int64_t now = now_ns(),
                  std::int64_t cpu_ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID)) {
    const std::int64_t idle_ns = (now - seen_ns_) - (cpu_ns - seen_cpu_ns_);
    seen_ns_ = now;
    seen_cpu_ns_ = cpu_ns;
    if (idle_ns > longest_pause_ns) {
      stopped_ns_ += idle_ns;
      end_ns_ += idle_ns;
    }
    return now >= end_ns_;
  }

  // For how long this process was stopped, as far as has_passed() has found out.
  std::int64_t stopped_ns() const { return stopped_ns_; }

 private:
  std::int64_t end_ns_;
  std::int64_t seen_ns_;
  std::int64_t seen_cpu_ns_;
  std::int64_t stopped_ns_ = 0;
};

}  // namespace waitbench
