#include "harness/workloads/postgres/endpoint.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <charconv>
#include <memory>
#include <stdexcept>

#include "harness/workloads/percent_code.hpp"

namespace waitbench::postgres {
namespace {

// Nothing is encrypted, and no time is spent to find out whether it could be.
constexpr std::string_view options = "sslmode=disable&gssencmode=disable";

}  // namespace

std::string endpoint_over_tcp(std::uint16_t port) {
  return fmt::format("postgresql://{}@127.0.0.1:{}/postgres?{}", role, port, options);
}

std::string endpoint_over_unix(std::string_view folder, std::uint16_t port) {
  return fmt::format("postgresql://{}@/postgres?host={}&port={}&{}", role, percent_encoded(folder),
                     port, options);
}

bool is_endpoint(std::string_view text) {
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

Endpoint parse_endpoint(const std::string& text) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(text.c_str(), &error), PQconninfoFree);
  const std::unique_ptr<char, void (*)(void*)> reason(error, PQfreemem);
  if (!options) {
    std::string why = reason ? reason.get() : "no memory";
    why.erase(why.find_last_not_of(" \n") + 1);
    throw std::invalid_argument(why);
  }
  Endpoint endpoint;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "host") endpoint.host = option->val;
    if (keyword == "port") endpoint.port = option->val;
    if (keyword == "user") endpoint.user = option->val;
    if (keyword == "dbname") endpoint.database = option->val;
  }
  return endpoint;
}

Address address_of(const Endpoint& endpoint) {
  const auto& [host, port, user, database] = endpoint;
  if (host.starts_with('/')) return unix_path_address(fmt::format("{}/.s.PGSQL.{}", host, port));
  std::uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  in_addr in{};
  const char* const name = host == "localhost" ? "127.0.0.1" : host.c_str();
  if (inet_pton(AF_INET, name, &in) != 1 || number == 0)
    throw std::invalid_argument(fmt::format(
        "{}:{} is no IPv4 address with a port: --client libpq can resolve others", host, port));
  return tcp_address(in.s_addr, number);
}

Transport transport_of(const std::string& endpoint) {
  return parse_endpoint(endpoint).host.starts_with('/') ? Transport::unix : Transport::tcp;
}

}  // namespace waitbench::postgres
