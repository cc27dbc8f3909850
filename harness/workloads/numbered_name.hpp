// Values whose name ends in a number, as in "pool:8".
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

namespace waitbench {

// The number that follows `prefix` and ends `name`, from 1 to `most`; empty if there is none.
inline std::optional<std::size_t> number_after(std::string_view prefix, std::string_view name,
                                               std::size_t most) {
  if (!name.starts_with(prefix)) return std::nullopt;
  const std::string_view digits = name.substr(prefix.size());
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  if (!is_number || number == 0 || number > most) return std::nullopt;
  return number;
}

}  // namespace waitbench
