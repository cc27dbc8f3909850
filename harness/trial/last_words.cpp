#include "harness/trial/last_words.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace waitbench {
namespace {

constexpr std::size_t kept_bytes = 4096;
constexpr std::size_t most_words_bytes = 160;  // a reason in the ledger has room for 255

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

}  // namespace

void LastWords::read_from(int fd) {
  std::array<char, 4096> piece;
  while (true) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    add({piece.data(), static_cast<std::size_t>(got)});
  }
}

void LastWords::add(std::string_view text) {
  tail_ += text;
  if (tail_.size() > kept_bytes) tail_.erase(0, tail_.size() - kept_bytes);
}

std::string LastWords::clause() const {
  const std::string_view all = tail_;
  const auto last =
      std::find_if(all.rbegin(), all.rend(), [](char c) { return is_printable(c) && c != ' '; });
  if (last == all.rend()) return "";
  const auto begin = std::find(last, all.rend(), '\n');
  std::string line(begin.base(), last.base());
  std::ranges::replace_if(
      line, [](char c) { return !is_printable(c); }, '?');
  return fmt::format("; its last words: {}", line.substr(0, most_words_bytes));
}

}  // namespace waitbench
