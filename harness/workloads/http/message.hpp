// HTTP/1.1 as the http workload uses it.
//
//   client  -> backend   GET /delay?trial=7&id=19&delay_ns=1000000&bytes=256&framing=length
//   backend -> client    200 OK, with when it received the request, when the reply was due and when
//                        it was sent in header fields; and `bytes` bytes of payload
//
// Instead of /delay the path may be /rest, for a rest query, or /idle, by an idle connection, which
// is answered when its trial ends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "harness/workloads/cell.hpp"

namespace waitbench::http {

enum class Path : std::uint8_t { delay, rest, idle };

struct Request {
  Path path = Path::delay;
  std::uint16_t trial = 0;
  std::uint64_t id = 0;
  std::uint64_t delay_ns = 0;
  std::uint32_t payload_bytes = 0;
  Framing framing = Framing::length;
  bool single_bytes = false;  // verification: the reply is to be sent byte by byte
};

inline constexpr std::size_t most_request_bytes = 512;
inline constexpr std::uint64_t most_delay_ns = 60'000'000'000;
inline constexpr std::uint32_t most_payload_bytes = 8U << 20;

using RequestText = std::array<char, most_request_bytes>;

// Writes the request with its header fields; returns its part of `text`.
std::string_view write_request(const Request& request, RequestText& text);
// The same for a path without parameters, which has most_path_bytes at most.
std::string_view write_request(std::string_view path, RequestText& text);
inline constexpr std::size_t most_path_bytes = 128;

// The request in `text`, whose header is whole; empty when it is no such request.
std::optional<Request> read_request(std::string_view text);

// When the backend received the request, and so on: CLOCK_MONOTONIC. The names of the fields.
inline constexpr std::string_view received_field = "X-Received";
inline constexpr std::string_view due_field = "X-Due";
inline constexpr std::string_view sent_field = "X-Sent";

struct Reply {
  std::uint64_t id = 0;
  std::uint32_t payload_bytes = 0;
  Framing framing = Framing::length;
  std::int64_t received_ns = 0;
  std::int64_t due_ns = 0;
  std::int64_t sent_ns = 0;
};

// The length of the whole reply, whatever its stamps.
std::size_t reply_bytes(const Reply& reply);

// Writes the bytes [offset, offset + out.size()) of the reply.
void write_reply(const Reply& reply, std::uint64_t offset, std::span<std::byte> out);

}  // namespace waitbench::http
