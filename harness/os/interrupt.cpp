#include "harness/os/interrupt.hpp"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::int64_t copies_end_ns = ns_per_s / 2;

std::atomic<int> event = -1;
std::atomic<std::int64_t> first_ns = 0;

static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a signal handler uses it");

void on_signal(int number) {
  const int error = errno;  // of the code that was interrupted
  std::int64_t before_ns = 0;
  if (first_ns.compare_exchange_strong(before_ns, now_ns())) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(event, &one, sizeof one);  // cannot be full
  } else if (now_ns() - before_ns >= copies_end_ns) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    sigaction(number, &action, nullptr);
    raise(number);  // delivered when this handler returns
  }
  errno = error;
}

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

void catch_interrupts() {
  if (event < 0) event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  check(event, "eventfd");
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    struct sigaction action {};
    check(sigaction(number, nullptr, &action), "sigaction");
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = on_signal;
    check(sigaction(number, &action, nullptr), "sigaction");
  }
}

bool interrupted() {
  return first_ns != 0;
}

int interrupt_fd() {
  return event;
}

}  // namespace waitbench
