#include "harness/counters.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <memory>
#include <string_view>

#include "harness/proc_text.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench {
namespace {

std::uint64_t count(std::string_view status, std::string_view key) {
  const auto text = field(status, key);
  return text ? static_cast<std::uint64_t>(parse_integer(*text).value_or(0)) : 0;
}

// Calls `visit` with the text of /proc/PID/task/TID/status of each thread that the process has.
template <class Visitor>
void for_each_thread(pid_t pid, Visitor visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> threads(
      opendir(fmt::format("/proc/{}/task", pid).c_str()), closedir);
  if (!threads) return;
  while (const dirent* entry = readdir(threads.get())) {
    if (entry->d_name[0] == '.') continue;
    char path[300];
    *fmt::format_to_n(path, sizeof path - 1, "{}/status", entry->d_name).out = '\0';
    const Descriptor file(openat(dirfd(threads.get()), path, O_RDONLY | O_CLOEXEC));
    char text[4096];
    const ssize_t size = file ? ::read(file.get(), text, sizeof text) : 0;
    if (size > 0) visit(std::string_view(text, static_cast<std::size_t>(size)));
  }
}

// Whether a thread runs, or would if it had a CPU; D is a short wait that it cannot be called from.
bool has_thread_awake(pid_t pid) {
  bool awake = false;
  for_each_thread(pid, [&awake](std::string_view status) {
    const std::string state = field(status, "State").value_or("");
    awake = awake || state.starts_with('R') || state.starts_with('D');
  });
  return awake;
}

}  // namespace

std::int64_t process_cpu_ns(pid_t pid) {
  clockid_t clock;
  timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * ns_per_s + time.tv_nsec;
}

// A clock that stands still is not enough: a thread that waits for a CPU, while another program has
// it, spends no time either. And a look at the threads alone could miss one that wakes another.
bool wait_until_asleep(pid_t pid, std::int64_t deadline_ns) {
  constexpr useconds_t pause_us = 50;  // longer than a process on its way to sleep needs
  std::int64_t before = process_cpu_ns(pid);
  while (now_ns() < deadline_ns) {
    usleep(pause_us);
    const bool may_sleep = process_cpu_ns(pid) == before && !has_thread_awake(pid);
    const std::int64_t after = process_cpu_ns(pid);
    if (may_sleep && after == before) return true;
    before = after;
  }
  return false;
}

Counters read_counters(pid_t pid) {
  Counters sum;
  sum.cpu_ns = process_cpu_ns(pid);
  for_each_thread(pid, [&sum](std::string_view status) {
    sum.switches_voluntary += count(status, "voluntary_ctxt_switches");
    sum.switches_involuntary += count(status, "nonvoluntary_ctxt_switches");
  });
  return sum;
}

}  // namespace waitbench
