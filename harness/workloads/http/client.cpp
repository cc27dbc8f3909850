#include "harness/workloads/http/client.hpp"

#include <fmt/format.h>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstring>
#include <optional>
#include <string>

#include "harness/os/proc_text.hpp"
#include "harness/workloads/drawn_delay.hpp"
#include "harness/workloads/payload.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

namespace beast = boost::beast;

// What the parser is given, and where it puts the body.
struct HttpClient::Parser {
  using Reply = beast::http::response_parser<beast::http::buffer_body>;

  std::optional<Reply> reply;
  std::array<std::byte, 16 << 10> buffer;
  std::array<std::byte, 16 << 10> body;

  void prepare_body() {
    reply->get().body() = {.data = body.data(), .size = body.size(), .more = true};
  }
};

HttpClient::HttpClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number)
    : QueryClient(config, ledger, number),
      random_(config.seed + number),
      parser_(std::make_unique<Parser>()) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

std::span<std::byte> HttpClient::ask() {
  begin_query();
  return ask({.path = rests() ? http::Path::rest : http::Path::delay,
              .trial = config().trial,
              .id = id(),
              .delay_ns = rests() ? 0 : draw_delay_ns(),
              .payload_bytes = config().cell.reply_bytes,
              .framing = config().cell.framing,
              .single_bytes = config().single_bytes});
}

std::span<std::byte> HttpClient::ask(const http::Request& request) {
  return expect({.id = request.id, .bytes = request.payload_bytes},
                http::write_request(request, request_));
}

std::span<std::byte> HttpClient::ask_for_path(std::string_view path, const Payload& expected) {
  return expect(expected, http::write_request(path, request_));
}

std::span<std::byte> HttpClient::expect(const Payload& payload, std::string_view request) {
  expected_ = payload;
  payload_bytes_ = 0;
  unparsed_ = 0;
  parser_->reply.emplace();
  parser_->reply->eager(true);
  parser_->reply->body_limit(http::most_payload_bytes);
  return std::as_writable_bytes(std::span(request_).first(request.size()));
}

std::uint64_t HttpClient::draw_delay_ns() {
  const Cell& cell = config().cell;
  return waitbench::draw_delay_ns(random_, cell.delay_shape, cell.delay_us * ns_per_us,
                                  http::most_delay_ns);
}

std::span<std::byte> HttpClient::buffer_space() {
  return std::span(parser_->buffer).subspan(unparsed_);
}

HttpClient::Progress HttpClient::take(std::size_t bytes) {
  unparsed_ += bytes;
  return parse();
}

// The parser takes a piece only when it is whole, such as a header or the size of a chunk. What it
// leaves stays at the front of the buffer.
HttpClient::Progress HttpClient::parse() {
  auto& [reply, buffer, body] = *parser_;
  std::span<const std::byte> left = std::span(buffer).first(unparsed_);
  while (!reply->is_done()) {
    // Beast 1.81 asserts that no part of the last chunk's line is shorter than this.
    constexpr std::size_t least_of_chunks = 5;
    if (reply->is_header_done() && reply->chunked() && left.size() < least_of_chunks) break;
    parser_->prepare_body();
    beast::error_code error;
    const std::size_t parsed = reply->put(boost::asio::buffer(left.data(), left.size()), error);
    left = left.subspan(parsed);
    if (error == beast::http::error::need_buffer) error = {};
    if (error && error != beast::http::error::need_more) {
      fail(fmt::format("query {}: the reply is no HTTP: {}", id(), error.message()));
      return Progress::wrong;
    }
    if (!check_payload(std::span(body).first(body.size() - reply->get().body().size)))
      return Progress::wrong;
    const bool has_all = left.empty() || parsed == 0;
    if (has_all && !reply->is_done()) break;
  }
  if (reply->is_done()) return finish() ? Progress::complete : Progress::wrong;
  if (left.size() == buffer.size()) {
    fail(fmt::format("query {}: the reply has a longer header than a client keeps", id()));
    return Progress::wrong;
  }
  std::memmove(buffer.data(), left.data(), left.size());
  unparsed_ = left.size();
  return Progress::incomplete;
}

bool HttpClient::check_payload(std::span<const std::byte> piece) {
  const auto [payload_id, all] = expected_;
  const std::uint64_t offset = payload_bytes_;
  payload_bytes_ += piece.size();
  const bool is_right =
      payload_bytes_ <= all &&
      (config().check_every_byte ? payload_matches(payload_id, offset, piece)
                                 : payload_ends_match(payload_id, offset, piece, all));
  if (!is_right) fail(fmt::format("query {}: the reply carries a wrong payload", id()));
  return is_right;
}

// The reply is whole.
bool HttpClient::finish() {
  const auto& reply = parser_->reply->get();
  if (reply.result() != beast::http::status::ok) {
    fail(fmt::format("query {}: the server answered {} {}", id(), reply.result_int(),
                     std::string_view(reply.reason())));
    return false;
  }
  if (payload_bytes_ != expected_.bytes) {
    fail(fmt::format("query {}: the reply carries {} bytes, asked were {}", id(), payload_bytes_,
                     expected_.bytes));
    return false;
  }
  const auto stamp = [&reply](std::string_view field) {
    return parse_integer(std::string_view(reply[field])).value_or(0);
  };
  end_query({.received_ns = stamp(http::received_field),
             .due_ns = stamp(http::due_field),
             .sent_ns = stamp(http::sent_field)});
  return true;
}

}  // namespace waitbench
