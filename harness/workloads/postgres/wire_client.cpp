#include "harness/workloads/postgres/wire_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "harness/workloads/postgres/database.hpp"

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

// The text of an error message's field 'M': fields are a letter and a text, each.
std::string_view message_of_error(std::string_view body) {
  while (body.size() > 1 && body.front() != '\0') {
    const std::string_view text = body.substr(1, body.find('\0') - 1);
    if (body.front() == 'M') return text;
    body.remove_prefix(std::min(body.size(), text.size() + 2));
  }
  return "an error without a message";
}

}  // namespace

WireClient::WireClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
                       const WireStatements& statements)
    : PostgresClient(config, ledger, number), statements_(statements) {}

// A fresh connection asks one question, so the unnamed statement does for it.
std::span<std::byte> WireClient::ask() {
  const Question& question = PostgresClient::ask();
  sent_.clear();
  received_bytes_ = 0;
  has_row_ = false;
  ready_for_ = 1;
  const bool is_fresh = config().cell.connections.is_fresh;
  const bool is_first = std::exchange(greets_, false);
  if (is_first) {
    ++ready_for_;
    put_startup();
  }
  const std::string_view rest = postgres::rest;
  if (is_fresh) put_parse("", question.rests ? rest : std::string_view(statements_.note));
  if (is_first && !is_fresh) {
    put_parse("note", statements_.note);
    put_parse("rest", rest);
  }
  put_question(is_fresh ? "" : question.rests ? "rest" : "note");
  return sent_;
}

void WireClient::put_startup() {
  const std::size_t begin = sent_.size();
  put_number(0, length_bytes);
  put_number(protocol_version, 4);
  for (const std::string_view text :
       {std::string_view("user"), std::string_view(statements_.user), std::string_view("database"),
        std::string_view(statements_.database), std::string_view("application_name"),
        std::string_view(statements_.session_name), std::string_view()})
    put_text(text);
  end_message(begin);
}

void WireClient::put_parse(std::string_view name, std::string_view statement) {
  const std::size_t begin = begin_message('P');
  put_text(name);
  put_text(statement);
  put_number(0, 2);  // the server finds out the types of the parameters
  end_message(begin);
}

// Bind, Execute and Sync, with the parameters as text and the row as text.
void WireClient::put_question(std::string_view statement_name) {
  const Question& question = this->question();
  std::size_t begin = begin_message('B');
  put_text("");  // the unnamed portal
  put_text(statement_name);
  put_number(0, 2);
  put_number(static_cast<std::uint32_t>(question.parameters), 2);
  for (int i = 0; i < question.parameters; ++i) {
    const std::string_view value = question.values[static_cast<std::size_t>(i)];
    put_number(static_cast<std::uint32_t>(value.size()), 4);
    const auto bytes = std::as_bytes(std::span(value));
    sent_.insert(sent_.end(), bytes.begin(), bytes.end());
  }
  put_number(0, 2);
  end_message(begin);
  begin = begin_message('E');
  put_text("");
  put_number(0, 4);  // all rows
  end_message(begin);
  end_message(begin_message('S'));
}

void WireClient::put_text(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  sent_.insert(sent_.end(), bytes.begin(), bytes.end());
  sent_.push_back(std::byte{0});
}

// The most significant byte first.
void WireClient::put_number(std::uint32_t number, std::size_t bytes) {
  for (std::size_t left = bytes; left > 0; --left)
    sent_.push_back(static_cast<std::byte>(number >> (8 * (left - 1))));
}

std::size_t WireClient::begin_message(char type) {
  sent_.push_back(static_cast<std::byte>(type));
  put_number(0, length_bytes);
  return sent_.size() - length_bytes;
}

void WireClient::end_message(std::size_t begin) {
  const auto length = static_cast<std::uint32_t>(sent_.size() - begin);
  for (std::size_t i = 0; i < length_bytes; ++i)
    sent_[begin + i] = static_cast<std::byte>(length >> (8 * (length_bytes - 1 - i)));
}

std::span<std::byte> WireClient::buffer_space() {
  return std::span(received_).subspan(received_bytes_);
}

WireClient::Progress WireClient::take(std::size_t bytes) {
  received_bytes_ += bytes;
  std::string_view left(reinterpret_cast<const char*>(received_.data()), received_bytes_);
  while (left.size() >= head_bytes) {
    const std::size_t length = number_at(left.data() + 1);
    if (length < length_bytes || length > received_.size() - head_bytes) {
      fail(fmt::format("query {}: the server sent a message of {} bytes", id(), length));
      return Progress::wrong;
    }
    if (left.size() < 1 + length) break;
    const Progress progress = read_message(left[0], left.substr(head_bytes, length - length_bytes));
    if (progress != Progress::incomplete) return progress;
    left.remove_prefix(1 + length);
  }
  std::memmove(received_.data(), left.data(), left.size());
  received_bytes_ = left.size();
  return Progress::incomplete;
}

WireClient::Progress WireClient::read_message(char type, std::string_view body) {
  constexpr std::string_view of_no_interest = "SK12CNT";
  if (type == 'D') return read_row(body);
  if (type == 'E') {
    fail(fmt::format("query {}: {}", id(), message_of_error(body)));
    return Progress::wrong;
  }
  if (type == 'R' && (body.size() < 4 || number_at(body.data()) != 0)) {
    fail("the server asks for a password, which is not written by hand: use --client libpq");
    return Progress::wrong;
  }
  if (type == 'Z' && --ready_for_ == 0) {
    if (has_row_) return PostgresClient::take(note_) ? Progress::complete : Progress::wrong;
    fail(fmt::format("query {}: the server answered without a row", id()));
    return Progress::wrong;
  }
  if (type == 'R' || type == 'Z' || of_no_interest.find(type) != std::string_view::npos)
    return Progress::incomplete;
  fail(fmt::format("query {}: the server sent a message of the type '{}'", id(), type));
  return Progress::wrong;
}

// A row of one field: the number of fields, the length of the field, and its bytes.
WireClient::Progress WireClient::read_row(std::string_view body) {
  constexpr std::size_t count_bytes = 2;
  const bool is_whole =
      body.size() >= count_bytes + length_bytes &&
      number_at(body.data() + count_bytes) == body.size() - count_bytes - length_bytes;
  if (!is_whole || has_row_) {
    fail(fmt::format("query {}: the server answered with something else than one row of one field",
                     id()));
    return Progress::wrong;
  }
  has_row_ = true;
  note_ = body.substr(count_bytes + length_bytes);
  return Progress::incomplete;
}

}  // namespace waitbench
