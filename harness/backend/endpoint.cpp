#include "harness/backend/endpoint.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <array>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace waitbench::backend {

Address parse_endpoint(std::string_view text) {
  constexpr std::size_t longest_name = sizeof(sockaddr_un::sun_path) - 1;
  if (text.starts_with('@') && text.size() > 1 && text.size() - 1 <= longest_name)
    return unix_address(text.substr(1));
  const std::size_t colon = text.rfind(':');
  const std::string host(text.substr(0, colon));
  const std::string_view port_text = colon == text.npos ? "" : text.substr(colon + 1);
  std::uint16_t port = 0;
  const char* const end = port_text.data() + port_text.size();
  const auto [stop, error] = std::from_chars(port_text.data(), end, port);
  if (host.empty() || port_text.empty() || error != std::errc{} || stop != end)
    throw std::invalid_argument(
        fmt::format("'{}' is no endpoint: give HOST:PORT, such as 127.0.0.1:8000, or @NAME", text));

  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int why = getaddrinfo(host.c_str(), nullptr, &hints, &found); why != 0)
    throw std::invalid_argument(fmt::format("no IPv4 address for the host '{}' of '{}': {}", host,
                                            text, gai_strerror(why)));
  sockaddr_in in{};
  std::memcpy(&in, found->ai_addr, sizeof(in));
  freeaddrinfo(found);
  return tcp_address(in.sin_addr.s_addr, port);
}

std::string to_text(const Address& address) {
  if (address.is_unix()) {
    const auto* un = reinterpret_cast<const sockaddr_un*>(address.get());
    const std::size_t length = address.size - offsetof(sockaddr_un, sun_path) - 1;
    return "@" + std::string(un->sun_path + 1, length);
  }
  const auto* in = reinterpret_cast<const sockaddr_in*>(address.get());
  std::array<char, INET_ADDRSTRLEN> host{};
  inet_ntop(AF_INET, &in->sin_addr, host.data(), host.size());
  return fmt::format("{}:{}", host.data(), ntohs(in->sin_port));
}

}  // namespace waitbench::backend
