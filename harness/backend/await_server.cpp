#include "harness/backend/await_server.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "harness/os/interrupt.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

Patience::Patience(std::int64_t patience_ns)
    : patience_ns_(patience_ns), deadline_ns_(now_ns() + patience_ns) {}

void Patience::await(int socket, short events) const {
  constexpr std::int64_t longest_ms = 1000;
  while (true) {
    const std::int64_t rest_ms = (deadline_ns_ - now_ns()) / ns_per_ms;
    if (rest_ms <= 0)
      throw std::runtime_error(fmt::format("the backend did not answer within {} s",
                                           static_cast<double>(patience_ns_) / ns_per_s));
    pollfd sources[] = {{.fd = socket, .events = events, .revents = 0},
                        {.fd = interrupt_fd(), .events = POLLIN, .revents = 0}};
    const int ready =
        poll(sources, std::size(sources), static_cast<int>(std::min(rest_ms, longest_ms)));
    if (interrupted()) throw Interrupted{};
    if (ready < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "poll");
    if (ready > 0 && sources[0].revents != 0) return;
  }
}

}  // namespace waitbench
