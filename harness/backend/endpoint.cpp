#include "harness/backend/endpoint.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <array>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace waitbench::backend {
namespace {

std::invalid_argument no_endpoint(std::string_view text) {
  return std::invalid_argument(fmt::format(
      "'{}' is no endpoint: give HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000, or @NAME", text));
}

std::uint16_t parse_port(std::string_view digits, std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || error != std::errc{} || stop != end) throw no_endpoint(text);
  return port;
}

// The first address of this family that the host has; why there is none is getaddrinfo's answer.
int look_up(const std::string& host, const std::string& port, int family, Address& address) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int why = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); why != 0) return why;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  freeaddrinfo(found);
  return 0;
}

}  // namespace

Address parse_endpoint(std::string_view text) {
  constexpr std::size_t longest_name = sizeof(sockaddr_un::sun_path) - 1;
  if (text.starts_with('@') && text.size() > 1 && text.size() - 1 <= longest_name)
    return unix_address(text.substr(1));
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) throw no_endpoint(text);
  std::string host(text.substr(0, colon));
  const std::string port = std::to_string(parse_port(text.substr(colon + 1), text));
  const bool in_brackets = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  if (in_brackets) host = host.substr(1, host.size() - 2);
  // Without brackets it would be open which colon is before the port.
  if (host.empty() || (!in_brackets && host.find_first_of(":[]") != host.npos))
    throw no_endpoint(text);

  Address address;
  int why = in_brackets ? EAI_NONAME : look_up(host, port, AF_INET, address);
  if (why != 0) why = look_up(host, port, AF_INET6, address);
  if (why != 0)
    throw std::invalid_argument(
        fmt::format("no address for the host '{}' of '{}': {}", host, text, gai_strerror(why)));
  return address;
}

std::string to_text(const Address& address) {
  if (address.is_unix()) {
    const auto* un = reinterpret_cast<const sockaddr_un*>(address.get());
    const std::size_t length = address.size - offsetof(sockaddr_un, sun_path) - 1;
    return "@" + std::string(un->sun_path + 1, length);
  }
  std::array<char, NI_MAXHOST> host{};
  getnameinfo(address.get(), address.size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  const bool is_ipv6 = address.storage.ss_family == AF_INET6;
  return is_ipv6 ? fmt::format("[{}]:{}", host.data(), port_of(address))
                 : fmt::format("{}:{}", host.data(), port_of(address));
}

std::uint16_t port_of(const Address& tcp_address) {
  if (tcp_address.storage.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(tcp_address.get())->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(tcp_address.get())->sin_port);
}

bool is_local(const Address& address) {
  if (address.is_unix()) return true;
  if (address.storage.ss_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_addr);
  const auto* const in = reinterpret_cast<const sockaddr_in*>(address.get());
  return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

}  // namespace waitbench::backend
