// The echo workload on the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "harness/workloads/protocol.hpp"

namespace waitbench::echo {

enum class Word : std::uint8_t { hello, slowly, rest, idle };

struct Line {
  std::uint16_t trial = 0;
  std::uint64_t id = 0;
  Word word = Word::hello;
};

inline constexpr std::size_t most_line_bytes = 64;

std::string to_text(const Line& line);

// The line in `text`, which is whole and ends with a newline; empty when it is no such line.
std::optional<Line> read_line(std::span<const std::byte> text);

extern const Protocol protocol;

}  // namespace waitbench::echo
