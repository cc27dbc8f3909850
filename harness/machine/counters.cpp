#include "harness/machine/counters.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "harness/os/proc_text.hpp"
#include "harness/os/process_tree.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

std::uint64_t count(std::string_view status, std::string_view key) {
  const auto text = field(status, key);
  return text ? static_cast<std::uint64_t>(parse_integer(*text).value_or(0)) : 0;
}

// Whether a thread runs, or would if it had a CPU; D is a short wait that it cannot be called from.
bool has_thread_awake(pid_t pid) {
  bool awake = false;
  for_each_thread(pid, [&awake](pid_t, std::string_view status) {
    const std::string state = field(status, "State").value_or("");
    awake = awake || state.starts_with('R') || state.starts_with('D');
  });
  return awake;
}

std::vector<std::int64_t> cpu_clocks_ns(const std::vector<pid_t>& pids) {
  std::vector<std::int64_t> clocks_ns(pids.size());
  std::ranges::transform(pids, clocks_ns.begin(), process_cpu_ns);
  return clocks_ns;
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
bool wait_until_asleep(pid_t root, std::int64_t deadline_ns) {
  constexpr useconds_t pause_us = 50;  // longer than a process on its way to sleep needs
  do {
    const std::vector<pid_t> pids = process_tree(root);
    const std::vector<std::int64_t> before = cpu_clocks_ns(pids);
    usleep(pause_us);
    const bool may_sleep =
        cpu_clocks_ns(pids) == before && std::ranges::none_of(pids, has_thread_awake);
    if (may_sleep && cpu_clocks_ns(pids) == before) return true;  // so none has had a child either
  } while (now_ns() < deadline_ns);
  return false;
}

Counters TreeCounters::read() {
  for (const pid_t pid : process_tree(root_)) {
    std::int64_t& cpu_ns = cpu_ns_[pid];
    cpu_ns = std::max(cpu_ns, process_cpu_ns(pid));  // it may have ended since it was listed
    for_each_thread(pid, [this](pid_t thread, std::string_view status) {
      switches_[thread] = {.voluntary = count(status, "voluntary_ctxt_switches"),
                           .involuntary = count(status, "nonvoluntary_ctxt_switches")};
    });
  }
  Counters sum;
  for (const auto& [pid, cpu_ns] : cpu_ns_) sum.cpu_ns += cpu_ns;
  for (const auto& [thread, switches] : switches_) {
    sum.switches_voluntary += switches.voluntary;
    sum.switches_involuntary += switches.involuntary;
  }
  return sum;
}

}  // namespace waitbench
