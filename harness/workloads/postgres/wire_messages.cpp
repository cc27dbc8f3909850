#include "harness/workloads/postgres/wire_messages.hpp"

#include <algorithm>
#include <cstring>

namespace waitbench {
namespace {

constexpr std::uint32_t protocol_version = 3 << 16;
constexpr std::size_t length_bytes = 4;  // of a message's length, which counts itself
constexpr std::size_t head_bytes = 1 + length_bytes;

std::uint32_t number_at(const char* at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    number = number << 8 | static_cast<unsigned char>(at[i]);
  return number;
}

}  // namespace

void WireOutbox::put_startup(const WireStatements& statements) {
  const std::size_t begin = bytes_.size();
  put_number(0, length_bytes);
  put_number(protocol_version, 4);
  for (const std::string_view text :
       {std::string_view("user"), std::string_view(statements.user), std::string_view("database"),
        std::string_view(statements.database), std::string_view("application_name"),
        std::string_view(statements.session_name), std::string_view()})
    put_text(text);
  end_message(begin);
}

void WireOutbox::put_parse(std::string_view name, std::string_view statement) {
  const std::size_t begin = begin_message('P');
  put_text(name);
  put_text(statement);
  put_number(0, 2);  // the server finds out the types of the parameters
  end_message(begin);
}

void WireOutbox::put_question(std::string_view statement_name,
                              const PostgresClient::Question& question) {
  std::size_t begin = begin_message('B');
  put_text("");  // the unnamed portal
  put_text(statement_name);
  put_number(0, 2);
  put_number(static_cast<std::uint32_t>(question.parameters), 2);
  for (int i = 0; i < question.parameters; ++i) {
    const std::string_view value = question.values[static_cast<std::size_t>(i)];
    put_number(static_cast<std::uint32_t>(value.size()), 4);
    const auto bytes = std::as_bytes(std::span(value));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  put_number(0, 2);
  end_message(begin);
  begin = begin_message('E');
  put_text("");
  put_number(0, 4);  // all rows
  end_message(begin);
  end_message(begin_message('S'));
}

void WireOutbox::put_text(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bytes_.push_back(std::byte{0});
}

// The most significant byte first.
void WireOutbox::put_number(std::uint32_t number, std::size_t bytes) {
  for (std::size_t left = bytes; left > 0; --left)
    bytes_.push_back(static_cast<std::byte>(number >> (8 * (left - 1))));
}

std::size_t WireOutbox::begin_message(char type) {
  bytes_.push_back(static_cast<std::byte>(type));
  put_number(0, length_bytes);
  return bytes_.size() - length_bytes;
}

void WireOutbox::end_message(std::size_t begin) {
  const auto length = static_cast<std::uint32_t>(bytes_.size() - begin);
  for (std::size_t i = 0; i < length_bytes; ++i)
    bytes_[begin + i] = static_cast<std::byte>(length >> (8 * (length_bytes - 1 - i)));
}

std::span<std::byte> WireInbox::space() {
  std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  return std::span(bytes_).subspan(end_);
}

std::optional<WireMessage> WireInbox::next() {
  const std::string_view left(reinterpret_cast<const char*>(bytes_.data()) + begin_, end_ - begin_);
  if (left.size() < head_bytes) return std::nullopt;
  const std::size_t length = number_at(left.data() + 1);
  if (length < length_bytes || length > bytes_.size() - head_bytes) {
    impossible_length_ = length;
    return std::nullopt;
  }
  if (left.size() < 1 + length) return std::nullopt;
  begin_ += 1 + length;
  return WireMessage{.type = left[0], .body = left.substr(head_bytes, length - length_bytes)};
}

bool is_of_no_interest(char type) {
  return std::string_view("SK12CNT").find(type) != std::string_view::npos;
}

bool asks_for_no_password(std::string_view body) {
  return body.size() >= length_bytes && number_at(body.data()) == 0;
}

// Fields are a letter and a text, each; that of the field 'M' is meant.
std::string_view message_of_error(std::string_view body) {
  while (body.size() > 1 && body.front() != '\0') {
    const std::string_view text = body.substr(1, body.find('\0') - 1);
    if (body.front() == 'M') return text;
    body.remove_prefix(std::min(body.size(), text.size() + 2));
  }
  return "an error without a message";
}

// The number of fields, the length of the field, and its bytes.
std::optional<std::string_view> field_of_row(std::string_view body) {
  constexpr std::size_t count_bytes = 2;
  const bool is_whole =
      body.size() >= count_bytes + length_bytes &&
      number_at(body.data() + count_bytes) == body.size() - count_bytes - length_bytes;
  if (!is_whole) return std::nullopt;
  return body.substr(count_bytes + length_bytes);
}

}  // namespace waitbench
