#include "harness/backend/listener.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "harness/backend/endpoint.hpp"

namespace waitbench::backend {
namespace {

constexpr int backlog = 4096;  // the kernel's own bound (net.core.somaxconn) as it comes

bool switch_on(int socket, int level, int option) {
  const int on = 1;
  return setsockopt(socket, level, option, &on, sizeof(on)) == 0;
}

}  // namespace

Listener::Listener(const Address& address)
    : socket_(::socket(address.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  // Accepted sockets inherit TCP_NODELAY: one system call fewer for each fresh connection.
  const bool is_ready =
      socket_ && (address.is_unix() || (switch_on(fd(), SOL_SOCKET, SO_REUSEADDR) &&
                                        switch_on(fd(), IPPROTO_TCP, TCP_NODELAY)));
  if (!is_ready || ::bind(fd(), address.get(), address.size) != 0 || ::listen(fd(), backlog) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot listen on " + to_text(address));
  address_.size = sizeof(address_.storage);
  ::getsockname(fd(), address_.get(), &address_.size);
}

Descriptor Listener::accept() const {
  return Descriptor(::accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

}  // namespace waitbench::backend
