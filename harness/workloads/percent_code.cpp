#include "harness/workloads/percent_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace waitbench {
namespace {

constexpr std::string_view unchanged =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~";

}  // namespace

std::string percent_encoded(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (unchanged.find(c) != unchanged.npos)
      text += c;
    else
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

std::string percent_decoded(std::string_view text) {
  constexpr std::size_t digits = 2;
  std::string bytes;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '%') {
      bytes += c;
      continue;
    }
    unsigned char byte = 0;
    const char* const end = text.data() + std::min(digits, text.size());
    const auto [stop, error] = std::from_chars(text.data(), end, byte, 16);
    if (text.size() < digits || error != std::errc() || stop != end)
      throw std::invalid_argument("a % that two hexadecimal digits do not follow");
    bytes += static_cast<char>(byte);
    text.remove_prefix(digits);
  }
  return bytes;
}

}  // namespace waitbench
