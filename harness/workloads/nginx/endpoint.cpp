#include "harness/workloads/nginx/endpoint.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "harness/workloads/percent_code.hpp"

namespace waitbench::nginx {
namespace {

constexpr std::string_view scheme = "nginx://";
constexpr std::string_view gate_mark = "?gate=";
constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

// An IPv4 address with its port.
std::optional<Address> read_tcp(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  in_addr host{};
  if (inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &host) != 1)
    return std::nullopt;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || stop != end || port == 0) return std::nullopt;
  return tcp_address(host.s_addr, port);
}

std::optional<Address> read_server(std::string_view text) {
  if (!text.starts_with('/')) return read_tcp(text);
  const std::string path = percent_decoded(text);
  if (path.size() > longest_path) return std::nullopt;
  return unix_path_address(path);
}

}  // namespace

std::string endpoint_over_tcp(std::uint16_t port, std::uint16_t gate_port) {
  return fmt::format("{}127.0.0.1:{}{}127.0.0.1:{}", scheme, port, gate_mark, gate_port);
}

std::string endpoint_over_unix(std::string_view path, std::uint16_t gate_port) {
  return fmt::format("{}{}{}127.0.0.1:{}", scheme, percent_encoded(path), gate_mark, gate_port);
}

bool is_endpoint(std::string_view text) {
  return text.starts_with(scheme);
}

Endpoint parse_endpoint(const std::string& text) {
  const std::string_view all = text;
  const std::size_t mark = all.find(gate_mark);
  if (is_endpoint(all) && mark != all.npos) {
    const auto server = read_server(all.substr(scheme.size(), mark - scheme.size()));
    const auto gate = read_tcp(all.substr(mark + gate_mark.size()));
    if (server && gate) return {.server = *server, .gate = *gate};
  }
  throw std::invalid_argument(
      "this is no endpoint of an nginx with a gate: give one as `waitbench serve --workload nginx` "
      "prints it, such as nginx://127.0.0.1:8000?gate=127.0.0.1:9000");
}

Transport transport_of(const std::string& endpoint) {
  return parse_endpoint(endpoint).server.is_unix() ? Transport::unix : Transport::tcp;
}

}  // namespace waitbench::nginx
