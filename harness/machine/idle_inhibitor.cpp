#include "harness/machine/idle_inhibitor.hpp"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <set>
#include <stop_token>
#include <system_error>

namespace waitbench {
namespace {

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// The policy SCHED_IDLE gives way at once to all others of a scheduling group, and needs no rights.
void give_way(pthread_t thread) {
  const sched_param no_priority{};
  if (const int error = pthread_setschedparam(thread, SCHED_IDLE, &no_priority); error != 0)
    throw std::system_error(error, std::generic_category(),
                            "cannot keep CPUs awake (give --let-cpus-sleep): SCHED_IDLE");
}

// A kernel that preempts lazily does not interrupt a thread in user space before the next tick, but
// a thread that returns from a system call gives way at once.
void spin(const std::stop_token& stop) {
  constexpr int spins_between_calls = 256;  // some microseconds
  while (!stop.stop_requested()) {
    for (int i = 0; i < spins_between_calls; ++i) relax();
    syscall(SYS_getppid);
  }
}

// Signals are for the thread that waits for them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

std::vector<int> cpus_to_keep_awake(const Placement& placement, std::optional<double> quota_cpus) {
  std::set<int> used(placement.client_cpus.begin(), placement.client_cpus.end());
  if (placement.backend.empty())
    used.insert(placement.backend_cpus.begin(), placement.backend_cpus.end());
  if (quota_cpus && *quota_cpus < static_cast<double>(used.size())) return {};
  return {used.begin(), used.end()};
}

IdleInhibitor::IdleInhibitor(std::span<const int> cpus) {
  const SignalsBlocked here_and_in_the_threads;
  for (const int cpu : cpus) {
    const pthread_t spinner = spinners_.emplace_back(spin).native_handle();
    pin({&cpu, 1}, spinner);
    give_way(spinner);
  }
}

}  // namespace waitbench
