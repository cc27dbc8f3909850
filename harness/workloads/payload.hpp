// What a reply of our own backend carries: bytes that follow from the query's id, so that a client
// can check any part of them without having the rest.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace waitbench {

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

// What a timed turn looks at of a payload of `size` bytes: of the piece from `offset` on, what lies
// within its first or its last word.
inline bool payload_ends_match(std::uint64_t id, std::uint64_t offset,
                               std::span<const std::byte> in, std::uint64_t size) {
  constexpr std::uint64_t word_bytes = 8;
  const auto matches_within = [&](std::uint64_t from, std::uint64_t to) {
    from = std::max(from, offset);
    to = std::min(to, offset + in.size());
    return from >= to || payload_matches(id, from, in.subspan(from - offset, to - from));
  };
  return matches_within(0, word_bytes) && matches_within(size - std::min(size, word_bytes), size);
}

}  // namespace waitbench
