// What the nginx workload finds in its server: the notes that nginx has as files, and the rests
// that the gate behind it withholds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace waitbench::nginx {

inline constexpr std::uint32_t notes = 1000;
// A note's content is the payload (payload.hpp) of its number, from 1 to `notes`. Replies that come
// later are as long.
inline constexpr std::uint32_t note_bytes = 256;

inline constexpr std::string_view notes_folder = "notes";

// Where nginx says how much it has done.
inline constexpr std::string_view status_path = "/status";

// By which number the gate knows the rests of a trial in a turn. The two of a trial alternate, so
// that the next turn's are withheld before this one's are let go. The second is that of a trial
// which began half of all the numbers later, and by then this one has ended.
constexpr std::uint16_t rest_of(std::uint16_t trial, std::uint32_t turn) {
  constexpr std::uint32_t numbers = 0xffff;  // from 1 on: 0 is no trial
  return turn % 2 == 0 ? trial
                       : static_cast<std::uint16_t>((trial - 1U + numbers / 2) % numbers + 1);
}

// How many connections it takes from clients at once.
inline constexpr std::size_t most_connections = 10'000;

}  // namespace waitbench::nginx
