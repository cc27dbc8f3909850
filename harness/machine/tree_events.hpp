// Events that the kernel counts for a tree of processes, through perf_event_open: system calls,
// context switches, and migrations from CPU to CPU.
//
// /proc knows switches, but neither system calls (/proc/PID/io sees none of those on sockets) nor
// migrations. To be counted costs the one who makes system calls or switches, so events are open
// only while they are wanted, and never while something is timed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impls/lib/descriptor.hpp"

namespace waitbench {

enum class Event { syscalls, switches, migrations };

inline constexpr Event all_events[] = {Event::syscalls, Event::switches, Event::migrations};

std::string_view event_name(Event event);

// Why the kernel, or the rights that this process has, do not allow the event to be counted, as a
// clause; empty when they do.
std::string objection_to(Event event);

class TreeEvents {
 public:
  // Counts from now on for every thread of the process and its descendants, and for those that they
  // will start: the tree should be asleep, or a thread that is just being started may be missed.
  // Throws std::system_error.
  TreeEvents(pid_t root, std::span<const Event> events);

  // How often it has happened since. The event must be one that is counted. Throws
  // std::system_error.
  std::uint64_t read(Event event) const;

 private:
  struct Counter {
    Event event;
    Descriptor of_thread;
  };

  std::vector<Counter> counters_;
};

}  // namespace waitbench
