// The one clock of the suite: CLOCK_MONOTONIC in nanoseconds, the same in every process of a host.
#pragma once

#include <time.h>

#include <cstdint>

namespace waitbench {

inline constexpr std::int64_t ns_per_us = 1'000;
inline constexpr std::int64_t ns_per_ms = 1'000'000;
inline constexpr std::int64_t ns_per_s = 1'000'000'000;

inline std::int64_t read_clock_ns(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * ns_per_s + now.tv_nsec;
}

inline std::int64_t now_ns() {
  return read_clock_ns(CLOCK_MONOTONIC);
}

inline timespec to_timespec(std::int64_t ns) {
  return {.tv_sec = ns / ns_per_s, .tv_nsec = ns % ns_per_s};
}

}  // namespace waitbench
