// The delay query on the wire. Every number is little-endian and every struct is sent as it lies in
// memory; the build refuses machines where the two differ. A program in any language that sends a
// Request and reads a ReplyHeader with its payload speaks the delay query.
//
//   client  -> backend   Request (32 bytes)
//   backend -> client    ReplyHeader (40 bytes), then `payload_bytes` bytes of payload
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

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

// The i-th 8-byte word of the payload of reply `id`: splitmix64's output function, so that any part
// of a payload can be made and checked without the rest of it.
constexpr std::uint64_t payload_word(std::uint64_t id, std::uint64_t i) {
  std::uint64_t z = id * 0xd1342543de82ef95ULL + (i + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// Calls `piece(word, skip, at, size)` for each piece of the range [offset, offset + size) of a
// payload that lies within one word: `size` bytes from `skip` on of `word` belong `at` bytes into
// the range. Stops at the first that returns false, and says whether none did.
template <class Piece>
bool for_each_payload_word(std::uint64_t id, std::uint64_t offset, std::size_t size, Piece piece) {
  for (std::size_t at = 0; at < size;) {
    const std::uint64_t word = payload_word(id, (offset + at) / 8);
    const std::size_t skip = (offset + at) % 8;
    const std::size_t take = std::min<std::size_t>(8 - skip, size - at);
    // A whole word is nearly always what it is, and a copy of constant size is one instruction.
    if (!(take == 8 ? piece(&word, 0, at, 8) : piece(&word, skip, at, take))) return false;
    at += take;
  }
  return true;
}

// Writes the bytes [offset, offset + out.size()) of the payload of reply `id`. Nearly always these
// are whole words, for which a plain loop is faster than one that looks for the borders of pieces.
inline void fill_payload(std::uint64_t id, std::uint64_t offset, std::span<std::byte> out) {
  if (offset % 8 == 0) {
    const std::size_t words = out.size() / 8;
    for (std::size_t i = 0; i < words; ++i) {
      const std::uint64_t word = payload_word(id, offset / 8 + i);
      std::memcpy(out.data() + 8 * i, &word, sizeof word);
    }
    out = out.subspan(8 * words);
    offset += 8 * words;
  }
  for_each_payload_word(
      id, offset, out.size(),
      [out](const std::uint64_t* word, std::size_t skip, std::size_t at, std::size_t size) {
        std::memcpy(out.data() + at, reinterpret_cast<const std::byte*>(word) + skip, size);
        return true;
      });
}

// Whether `in` is the bytes [offset, offset + in.size()) of the payload of reply `id`.
inline bool payload_matches(std::uint64_t id, std::uint64_t offset, std::span<const std::byte> in) {
  return for_each_payload_word(
      id, offset, in.size(),
      [in](const std::uint64_t* word, std::size_t skip, std::size_t at, std::size_t size) {
        return std::memcmp(in.data() + at, reinterpret_cast<const std::byte*>(word) + skip, size) ==
               0;
      });
}

}  // namespace waitbench::wire
