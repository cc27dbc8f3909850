#include "tests/workloads/echo/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>

namespace waitbench::echo {
namespace {

constexpr std::string_view words[] = {"hello", "slowly", "rest", "idle"};  // in Word's order

// Takes a number and the space behind it off `text`. False when there is none.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest == end || *rest != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()) + 1);
  return true;
}

ReadRequest read_request(std::span<const std::byte> bytes, Peer&, PendingReply& reply) {
  const auto end = std::ranges::find(bytes, std::byte{'\n'});
  if (end == bytes.end())
    return {.offence = bytes.size() < most_line_bytes ? Offence::none : Offence::no_request};
  const auto size = static_cast<std::size_t>(end - bytes.begin()) + 1;
  const std::optional<Line> line = read_line(bytes.first(size));
  if (!line) return {.offence = Offence::no_request};
  reply.id = line->id;
  reply.trial = line->trial;
  reply.flags = static_cast<std::uint8_t>(line->word);
  reply.is_idle = line->word == Word::idle;
  reply.is_rest = line->word == Word::rest;
  reply.single_bytes = line->word == Word::slowly;
  reply.reply_bytes = static_cast<std::uint32_t>(to_text(*line).size());
  return {.bytes = size};
}

void write_reply(const PendingReply& reply, std::int64_t, std::uint64_t offset,
                 std::span<std::byte> out) {
  const std::string text =
      to_text({.trial = reply.trial, .id = reply.id, .word = static_cast<Word>(reply.flags)});
  std::memcpy(out.data(), text.data() + offset, out.size());
}

}  // namespace

std::string to_text(const Line& line) {
  return fmt::format("{} {} {}\n", line.trial, line.id, words[static_cast<std::size_t>(line.word)]);
}

std::optional<Line> read_line(std::span<const std::byte> text) {
  std::string_view rest(reinterpret_cast<const char*>(text.data()), text.size());
  Line line;
  if (!take_number(rest, line.trial) || !take_number(rest, line.id)) return std::nullopt;
  if (!rest.ends_with('\n')) return std::nullopt;
  rest.remove_suffix(1);
  const auto word = std::ranges::find(words, rest);
  if (word == std::end(words)) return std::nullopt;
  line.word = static_cast<Word>(word - std::begin(words));
  return line;
}

const Protocol protocol = {.name = "echo",
                           .max_request_bytes = most_line_bytes,
                           .read_request = read_request,
                           .write_reply = write_reply};

}  // namespace waitbench::echo
