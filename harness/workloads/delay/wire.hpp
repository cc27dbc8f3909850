// The delay query on the wire. Every number is little-endian and every struct is sent as it lies in
// memory; the build refuses machines where the two differ. A program in any language that sends a
// Request and reads a ReplyHeader with its payload speaks the delay query.
//
//   client  -> backend   Request (32 bytes)
//   backend -> client    ReplyHeader (40 bytes), then `payload_bytes` bytes of payload
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace waitbench::wire {

static_assert(std::endian::native == std::endian::little,
              "waitbench needs a little-endian machine");

inline constexpr std::uint32_t request_magic = 0x31515157;  // "WQQ1"
inline constexpr std::uint32_t reply_magic = 0x31525157;    // "WQR1"

inline constexpr std::uint32_t max_payload_bytes = 8U << 20;
inline constexpr std::uint64_t max_delay_ns = 60'000'000'000;

enum class RequestKind : std::uint16_t {
  query = 1,  // reply after `delay_ns` with `payload_bytes` of payload
  idle = 2    // an idle connection: reply, without payload, when the trial ends
};

// Request::flags
inline constexpr std::uint32_t single_bytes = 1;  // send the reply byte by byte
// With which a client of an open loop waits at the gate for the next turn.
inline constexpr std::uint32_t rest_query = 2;
// A chained query, of a client that is not trusted: `id` has to be the last 8 bytes of the last
// reply on this connection (0 on a new one), which nobody knows who has not read it to its end. The
// backend draws the delay itself: `delay_ns` is the mean.
inline constexpr std::uint32_t chained = 4;
inline constexpr std::uint32_t exponential_delay = 8;  // of a chained query; else it is constant,
inline constexpr std::uint32_t uniform_delay = 16;     // or this

struct Request {
  std::uint32_t magic = request_magic;
  RequestKind kind = RequestKind::query;
  std::uint16_t trial = 0;  // 0, or a trial that nobody watches: it is not gated
  std::uint64_t id = 0;
  std::uint64_t delay_ns = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t flags = 0;
};
static_assert(sizeof(Request) == 32);

struct ReplyHeader {
  std::uint32_t magic = reply_magic;
  std::uint32_t payload_bytes = 0;
  std::uint64_t id = 0;
  std::int64_t received_ns = 0;  // the backend's CLOCK_MONOTONIC: the request was read
  std::int64_t due_ns = 0;       // when the reply was to be sent
  std::int64_t sent_ns = 0;      // when it was
};
static_assert(sizeof(ReplyHeader) == 40);

}  // namespace waitbench::wire
