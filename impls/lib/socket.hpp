// How sockets are set up, for all models alike: two models differ in how they wait, and never in
// how they use a socket.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "impls/lib/address.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench {

// A socket fit for `address`: `flags` is 0 or SOCK_NONBLOCK. A TCP connection sends small writes at
// once, and is reset when closed, so that it leaves no TIME_WAIT behind to charge the next model.
// Empty, with errno set, when the machine has none left, or none that does so.
inline Descriptor open_socket(const Address& address, int flags) {
  Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!socket || address.is_unix()) return socket;
  const int on = 1;
  const linger reset{.l_onoff = 1, .l_linger = 0};
  if (setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
      setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0) {
    const int error = errno;
    socket.reset();
    errno = error;
  }
  return socket;
}

// What a system call returned, or why it failed: -errno.
inline int result_or_error(ssize_t result) {
  return result < 0 ? -errno : static_cast<int>(result);
}

inline int connect_socket(int socket, const Address& address) {
  return result_or_error(::connect(socket, address.get(), address.size));
}

// Opens a non-blocking socket into `socket` and starts to connect it: 0 when it is connected
// already, -EINPROGRESS when it will be writable once it is, or what went wrong. A Unix-domain
// connect is over as soon as it is queued; -EAGAIN means that the listener's queue is full, which
// can only be tried again later, since the kernel does not report when it has room.
inline int start_connect(Descriptor& socket, const Address& address) {
  socket = open_socket(address, SOCK_NONBLOCK);
  return socket ? connect_socket(socket.get(), address) : -errno;
}

// Why a connect that went on in the background ended: 0 or -errno.
inline int connect_result(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  const int asked = getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return asked == 0 ? -error : -errno;
}

}  // namespace waitbench
