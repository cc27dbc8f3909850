#include "harness/workloads/http/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include "harness/workloads/payload.hpp"

namespace waitbench::http {
namespace {

constexpr std::string_view paths[] = {"/delay", "/rest", "/idle"};  // in Path's order
constexpr std::string_view framings[] = {"length", "chunked"};      // in Framing's order
constexpr std::string_view end_of_header = "\r\n\r\n";

using HeaderText = std::array<char, 320>;

// Writes what follows the target of a request, of which so many bytes are there.
std::string_view end_request(RequestText& text, std::size_t bytes) {
  constexpr std::string_view rest =
      " HTTP/1.1\r\nHost: waitbench\r\nUser-Agent: waitbench\r\nAccept: */*\r\n\r\n";
  std::ranges::copy(rest, text.data() + bytes);
  return {text.data(), bytes + rest.size()};
}

// Its length does not depend on the stamps, which are not known before it is sent.
std::string_view write_header(const Reply& reply, HeaderText& text) {
  auto* end = fmt::format_to(text.data(),
                             "HTTP/1.1 200 OK\r\nServer: waitbench\r\n"
                             "Content-Type: application/octet-stream\r\n"
                             "{}: {:020}\r\n{}: {:020}\r\n{}: {:020}\r\n",
                             received_field, reply.received_ns, due_field, reply.due_ns, sent_field,
                             reply.sent_ns);
  end = reply.framing == Framing::chunked
            ? fmt::format_to(end, "Transfer-Encoding: chunked{}", end_of_header)
            : fmt::format_to(end, "Content-Length: {}{}", reply.payload_bytes, end_of_header);
  return {text.data(), static_cast<std::size_t>(end - text.data())};
}

// The parts of a reply one after the other. Of each, what lies within the range is written.
class RangeWriter {
 public:
  RangeWriter(std::uint64_t offset, std::span<std::byte> out) : offset_(offset), out_(out) {}

  bool is_full() const { return out_.empty(); }

  void put(std::string_view text) {
    write(text.size(), [text](std::size_t from, std::span<std::byte> part) {
      std::memcpy(part.data(), text.data() + from, part.size());
    });
  }
  void put_payload(std::uint64_t id, std::uint64_t first, std::size_t bytes) {
    write(bytes, [id, first](std::size_t from, std::span<std::byte> part) {
      fill_payload(id, first + from, part);
    });
  }

 private:
  template <class Write>
  void write(std::size_t bytes, Write write_part) {
    if (offset_ < bytes && !out_.empty()) {
      const auto from = static_cast<std::size_t>(offset_);
      const std::span<std::byte> part = out_.first(std::min(bytes - from, out_.size()));
      write_part(from, part);
      out_ = out_.subspan(part.size());
    }
    offset_ -= std::min<std::uint64_t>(offset_, bytes);
  }

  std::uint64_t offset_;  // of what is to be written next, from the part that comes next
  std::span<std::byte> out_;
};

constexpr std::uint32_t most_chunk_bytes = 4096;

std::string chunk_size(std::uint32_t bytes) {
  return fmt::format("{:x}\r\n", bytes);
}

void write_chunks(const Reply& reply, RangeWriter& writer) {
  for (std::uint32_t at = 0; at < reply.payload_bytes && !writer.is_full();) {
    const std::uint32_t bytes = std::min(most_chunk_bytes, reply.payload_bytes - at);
    writer.put(chunk_size(bytes));
    writer.put_payload(reply.id, at, bytes);
    writer.put("\r\n");
    at += bytes;
  }
  writer.put("0\r\n\r\n");
}

std::size_t chunks_bytes(std::uint32_t payload_bytes) {
  constexpr std::size_t line_ends = 2;
  const std::uint32_t whole = payload_bytes / most_chunk_bytes;
  const std::uint32_t rest = payload_bytes % most_chunk_bytes;
  const std::size_t of_rest = rest == 0 ? 0 : chunk_size(rest).size() + rest + line_ends;
  return whole * (chunk_size(most_chunk_bytes).size() + most_chunk_bytes + line_ends) + of_rest +
         std::string_view("0\r\n\r\n").size();
}

// Takes `text` up to `end` off its front, with the end; all of it where there is none.
std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + 1);
  return taken;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

bool read_parameter(std::string_view name, std::string_view value, Request& request) {
  if (name == "trial") return read_number(value, request.trial);
  if (name == "id") return read_number(value, request.id);
  if (name == "delay_ns")
    return read_number(value, request.delay_ns) && request.delay_ns <= most_delay_ns;
  if (name == "bytes")
    return read_number(value, request.payload_bytes) && request.payload_bytes <= most_payload_bytes;
  if (name == "single_bytes") return request.single_bytes = value == "1";
  const auto* const framing = std::ranges::find(framings, value);
  request.framing = static_cast<Framing>(framing - std::begin(framings));
  return name == "framing" && framing != std::end(framings);
}

}  // namespace

std::string_view write_request(const Request& request, RequestText& text) {
  const auto result = fmt::format_to_n(
      text.data(), text.size(), "GET {}?trial={}&id={}&delay_ns={}&bytes={}&framing={}{}",
      paths[static_cast<std::size_t>(request.path)], request.trial, request.id, request.delay_ns,
      request.payload_bytes, framings[static_cast<std::size_t>(request.framing)],
      request.single_bytes ? "&single_bytes=1" : "");
  return end_request(text, result.size);
}

std::string_view write_request(std::string_view path, RequestText& text) {
  constexpr std::string_view method = "GET ";
  std::ranges::copy(method, text.begin());
  std::ranges::copy(path.substr(0, most_path_bytes), text.begin() + method.size());
  return end_request(text, method.size() + std::min(path.size(), most_path_bytes));
}

// Header fields are of no interest: they say nothing that changes the reply.
std::optional<Request> read_request(std::string_view text) {
  std::string_view line = take_until(text, '\r');
  if (take_until(line, ' ') != "GET") return std::nullopt;
  std::string_view target = take_until(line, ' ');
  if (line != "HTTP/1.1" && line != "HTTP/1.0") return std::nullopt;
  const auto* const path = std::ranges::find(paths, take_until(target, '?'));
  if (path == std::end(paths)) return std::nullopt;
  Request request{.path = static_cast<Path>(path - std::begin(paths))};
  while (!target.empty()) {
    std::string_view parameter = take_until(target, '&');
    const std::string_view name = take_until(parameter, '=');
    if (!read_parameter(name, parameter, request)) return std::nullopt;
  }
  return request;
}

std::size_t reply_bytes(const Reply& reply) {
  HeaderText header;
  const std::size_t body =
      reply.framing == Framing::chunked ? chunks_bytes(reply.payload_bytes) : reply.payload_bytes;
  return write_header(reply, header).size() + body;
}

void write_reply(const Reply& reply, std::uint64_t offset, std::span<std::byte> out) {
  HeaderText header;
  RangeWriter writer(offset, out);
  writer.put(write_header(reply, header));
  if (reply.framing == Framing::chunked)
    write_chunks(reply, writer);
  else
    writer.put_payload(reply.id, 0, reply.payload_bytes);
}

}  // namespace waitbench::http
