// Where a connection leads: a TCP endpoint or a Unix-domain socket.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace waitbench {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  bool is_unix() const { return storage.ss_family == AF_UNIX; }
};

// An IPv4 endpoint; `host` in network byte order, `port` in the host's.
inline Address tcp_address(in_addr_t host, std::uint16_t port) {
  Address address;
  auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
  in->sin_family = AF_INET;
  in->sin_port = htons(port);
  in->sin_addr.s_addr = host;
  address.size = sizeof(sockaddr_in);
  return address;
}

// A name in Linux's abstract namespace: it lives in no directory, so nothing is left behind when
// its owner is killed. At most 107 characters; what is longer is cut.
inline Address unix_address(std::string_view name) {
  Address address;
  auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
  un->sun_family = AF_UNIX;
  const std::size_t length = std::min(name.size(), sizeof(un->sun_path) - 1);
  std::memcpy(un->sun_path + 1, name.data(), length);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  return address;
}

// A socket in the file system. At most 107 bytes; what is longer is cut, and will not be found.
inline Address unix_path_address(std::string_view path) {
  Address address;
  auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
  un->sun_family = AF_UNIX;
  const std::size_t length = std::min(path.size(), sizeof(un->sun_path) - 1);
  std::memcpy(un->sun_path, path.data(), length);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + 1);
  return address;
}

}  // namespace waitbench
