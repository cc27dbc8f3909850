// What is said on the wire: the delay query, and the few frames by which the harness conducts the
// backend. Every number is little-endian and every struct is sent as it lies in memory; the build
// refuses machines where the two differ. A program in any language that sends a Request and reads a
// ReplyHeader with its payload speaks the delay query.
//
//   client  -> backend   Request (32 bytes)
//   backend -> client    ReplyHeader (40 bytes), then `payload_bytes` bytes of payload
//   harness -> backend   Request with a conducting kind (watch, open, run, release, statistics)
//   backend -> harness   Report (120 bytes)
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
inline constexpr std::uint32_t report_magic = 0x31485157;   // "WQH1"

inline constexpr std::uint32_t max_payload_bytes = 8U << 20;
inline constexpr std::uint64_t max_delay_ns = 60'000'000'000;

enum class Ask : std::uint16_t {
  query = 1,        // answer after `delay_ns` with `payload_bytes` of payload
  park = 2,         // an idle connection: answer (empty) when the trial is released
  watch = 16,       // gate `trial`: `id` = queries to expect in flight, `delay_ns` = parked ones
  open = 17,        // answer the next `id` queries of `trial`, then hold again
  release = 18,     // answer whatever `trial` holds at once, without delay; and hold no more
  statistics = 19,  // send a Report about `trial` now
  run = 20          // answer what `trial` asks as it comes, but its rests only for `delay_ns` more
};

enum class Tell : std::uint32_t {
  held = 1,       // exactly the expected number of queries wait at the gate, and none is on its way
  overflow = 2,   // more queries in flight than the trial said it can have
  statistics = 3  // the answer to Ask::statistics
};

// Request::flags
inline constexpr std::uint32_t single_bytes = 1;  // send the reply byte by byte
inline constexpr std::uint32_t rests = 2;  // open loop: it asks only to wait at the gate for a turn

struct Request {
  std::uint32_t magic = request_magic;
  Ask ask = Ask::query;
  std::uint16_t trial = 0;  // 0, and any trial that nobody watches, is not gated
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

struct Report {
  std::uint32_t magic = report_magic;
  Tell tell = Tell::held;
  std::uint32_t trial = 0;
  std::uint32_t in_flight = 0;     // queries of the trial received and not yet answered
  std::uint32_t peak = 0;          // the most there were at once since `watch`
  std::uint32_t parked = 0;        // idle connections of the trial
  std::uint64_t answered = 0;      // queries of the trial answered since `watch`
  std::int64_t opened_ns = 0;      // when the last `open` was carried out
  std::int64_t exhausted_ns = 0;   // when the last query that it allowed had arrived
  std::int64_t held_ns = 0;        // when the trial was held again
  std::int64_t cpu_opened_ns = 0;  // CPU time of the backend's process at opened_ns
  std::int64_t cpu_held_ns = 0;    // ... and at held_ns (Tell::statistics: now)
  std::uint64_t accepted = 0;      // connections accepted by the backend since it started
  std::uint64_t served = 0;        // replies sent since it started, to whomever
  std::uint64_t dropped = 0;       // connections dropped for what they sent or did not read
  std::uint64_t lost = 0;          // queries of the trial whose connection went away unanswered
  std::int64_t delay_error_sum_ns = 0;  // sum over the turn's replies of (sent - due)
  std::int64_t delay_error_max_ns = 0;
};
static_assert(sizeof(Report) == 120);

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

// Writes the bytes [offset, offset + out.size()) of the payload of reply `id`.
inline void fill_payload(std::uint64_t id, std::uint64_t offset, std::span<std::byte> out) {
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
