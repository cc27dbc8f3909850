// How much memory waiting takes: what a trial's processes have touched, and what the kernel keeps
// for them, which for threads and processes is most of it.
//
// The kernel does not report how much it keeps for which process. So its part is read of the whole
// machine, and means something only as the difference of two readings between which nothing else
// has changed.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace waitbench {

// What is not known is nullopt.
struct Memory {
  std::optional<double> user_kib;
  std::optional<double> kernel_kib;

  bool operator==(const Memory&) const = default;
};

// What a process has touched that is not a file's, from its /proc/PID/smaps_rollup. A page that n
// processes share counts 1/n in each. Mappings that are shared by intent, as the ledger is, are
// files to the kernel.
std::optional<double> parse_anonymous_kib(std::string_view smaps_rollup);

// What the kernel keeps for processes, threads and sockets: its objects, stacks, page tables and
// per-CPU counters, from /proc/meminfo.
std::optional<double> parse_kernel_kib(std::string_view meminfo);

// The user memory of a process and its descendants, and the kernel memory of the whole machine once
// it no longer changes, which it does for a while after a process has ended. It waits at most until
// the deadline (CLOCK_MONOTONIC).
Memory read_memory(pid_t root, std::int64_t deadline_ns);

// Both together.
std::optional<double> total_kib(const Memory& memory);

// What each of so many things adds that came into being between two readings. What comes out
// below zero was lost in the noise of the machine, and is not known.
std::optional<double> growth_each(std::optional<double> before, std::optional<double> after,
                                  std::size_t things);

// What each of so many further connections adds.
Memory memory_per_connection(const Memory& with_fewer, const Memory& with_more,
                             std::size_t further_connections);

}  // namespace waitbench
