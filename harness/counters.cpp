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

void add_switches_of_thread(int directory, const char* thread, Counters& sum) {
  char path[300];
  *fmt::format_to_n(path, sizeof path - 1, "{}/status", thread).out = '\0';
  const Descriptor file(openat(directory, path, O_RDONLY | O_CLOEXEC));
  char text[4096];
  const ssize_t size = file ? ::read(file.get(), text, sizeof text) : 0;
  if (size <= 0) return;  // the thread has just ended
  const std::string_view status(text, static_cast<std::size_t>(size));
  sum.switches_voluntary += count(status, "voluntary_ctxt_switches");
  sum.switches_involuntary += count(status, "nonvoluntary_ctxt_switches");
}

}  // namespace

std::int64_t process_cpu_ns(pid_t pid) {
  clockid_t clock;
  timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * ns_per_s + time.tv_nsec;
}

bool wait_until_asleep(pid_t pid, std::int64_t deadline_ns) {
  constexpr useconds_t pause_us = 50;  // longer than a process on its way to sleep needs
  std::int64_t before = process_cpu_ns(pid);
  while (now_ns() < deadline_ns) {
    usleep(pause_us);
    const std::int64_t after = process_cpu_ns(pid);
    if (after == before) return true;
    before = after;
  }
  return false;
}

Counters read_counters(pid_t pid) {
  Counters sum;
  sum.cpu_ns = process_cpu_ns(pid);
  const std::unique_ptr<DIR, int (*)(DIR*)> threads(
      opendir(fmt::format("/proc/{}/task", pid).c_str()), closedir);
  if (!threads) return sum;
  while (const dirent* entry = readdir(threads.get()))
    if (entry->d_name[0] != '.') add_switches_of_thread(dirfd(threads.get()), entry->d_name, sum);
  return sum;
}

}  // namespace waitbench
