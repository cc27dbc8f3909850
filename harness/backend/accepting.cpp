// How the server accepts connections, and how it waits when it has room for no more.
#include "harness/backend/server.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "harness/os/streams.hpp"

namespace waitbench::backend {
namespace {

constexpr int accepts_per_event = 256;

}  // namespace

void Server::watch_listeners() {
  accepting_ = set_interest(EPOLL_CTL_ADD, tcp_.fd(), EPOLLIN, tcp_token) &&
               set_interest(EPOLL_CTL_ADD, unix_.fd(), EPOLLIN, unix_token);
  if (!accepting_) throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Server::accept_from(const Listener& listener) {
  for (int i = 0; accepting_ && i < accepts_per_event; ++i) {
    Descriptor socket = listener.accept();
    if (!socket) {
      const bool is_full =
          errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (is_full) stop_accepting();
      return;
    }
    ++accepted_;
    Connection& connection = connections_.add(std::move(socket));
    connection.interest = input_events;
    if (!set_interest(EPOLL_CTL_ADD, connection.socket.get(), input_events, connection.id))
      mark_for_close(connection);
  }
}

// Further connections wait in the kernel's queue. Left in epoll, the listeners would be reported
// again and again.
void Server::stop_accepting() {
  const int why = errno;
  accepting_ = false;
  set_interest(EPOLL_CTL_DEL, tcp_.fd(), 0, 0);
  set_interest(EPOLL_CTL_DEL, unix_.fd(), 0, 0);
  if (std::exchange(has_said_full_, true)) return;
  print_to_stderr(
      "waitbench serve: no more than {} connections fit ({}); the next is accepted when one "
      "closes\n",
      connections_.size(), std::strerror(why));
}

}  // namespace waitbench::backend
