#include "harness/backend/nginx/status.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "harness/backend/await_server.hpp"
#include "harness/workloads/http/message.hpp"
#include "harness/workloads/nginx/server.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench::nginx {

namespace beast = boost::beast;

namespace {

[[noreturn]] void lost(int error) {
  throw std::runtime_error(
      fmt::format("the backend {}", error == 0 ? "closed the connection" : std::strerror(error)));
}

bool is_only_not_ready(ssize_t result) {
  return result < 0 && (errno == EAGAIN || errno == EINTR);
}

}  // namespace

Status::Status(const Address& server, std::int64_t patience_ns) : patience_ns_(patience_ns) {
  const Patience patience(patience_ns);
  int outcome = start_connect(socket_, server);
  if (outcome == -EINPROGRESS) {
    patience.await(socket_.get(), POLLOUT);
    outcome = connect_result(socket_.get());
  }
  if (outcome != 0)
    throw std::runtime_error(
        fmt::format("the backend cannot be reached: {}", std::strerror(-outcome)));
}

std::uint64_t Status::requests() {
  return requests_in(ask());
}

std::string Status::ask() {
  const Patience patience(patience_ns_);
  http::RequestText text;
  const std::string_view request = http::write_request(status_path, text);
  // A request is far shorter than what a socket takes at once.
  if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    lost(errno);
  beast::http::response_parser<beast::http::string_body> reply;
  reply.eager(true);
  std::array<char, 4096> buffer;
  std::size_t held = 0;
  while (!reply.is_done()) {
    const ssize_t got = ::recv(socket_.get(), buffer.data() + held, buffer.size() - held, 0);
    if (is_only_not_ready(got)) {
      patience.await(socket_.get(), POLLIN);
      continue;
    }
    if (got <= 0) lost(got == 0 ? 0 : errno);
    held += static_cast<std::size_t>(got);
    beast::error_code error;
    const std::size_t parsed = reply.put(boost::asio::buffer(buffer.data(), held), error);
    if ((error && error != beast::http::error::need_more) || held - parsed == buffer.size())
      throw std::runtime_error("the backend answered with what is no HTTP");
    held -= parsed;
    std::memmove(buffer.data(), buffer.data() + parsed, held);
  }
  return reply.get().body();
}

// "Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: ..."
std::uint64_t requests_in(const std::string& text) {
  constexpr std::string_view head = "server accepts handled requests\n";
  const std::size_t at = text.find(head);
  std::uint64_t accepted = 0, handled = 0, requests = 0;
  std::istringstream numbers(at == text.npos ? "" : text.substr(at + head.size()));
  if (!(numbers >> accepted >> handled >> requests))
    throw std::runtime_error("the backend does not say how many requests it has read");
  return requests;
}

}  // namespace waitbench::nginx
