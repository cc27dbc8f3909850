// Messages of PostgreSQL's protocol (version 3), as much of it as the queries of clients that speak
// it by hand need: those that a client sends are put behind each other, and those that the server
// sends are found in the bytes that have arrived.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/workloads/postgres/client.hpp"

namespace waitbench {

// What all the wire clients of a trial have in common.
struct WireStatements {
  std::string user;
  std::string database;
  std::string session_name;
  std::string note;  // the statement that asks for one
};

class WireOutbox {
 public:
  std::span<std::byte> bytes() { return bytes_; }
  void clear() { bytes_.clear(); }

  void put_startup(const WireStatements& statements);
  void put_parse(std::string_view name, std::string_view statement);
  // Bind, Execute and Sync, with the parameters as text and the row as text.
  void put_question(std::string_view statement_name, const PostgresClient::Question& question);

 private:
  void put_text(std::string_view text);  // with a zero byte behind it
  void put_number(std::uint32_t number, std::size_t bytes);
  std::size_t begin_message(char type);
  void end_message(std::size_t begin);

  std::vector<std::byte> bytes_;
};

struct WireMessage {
  char type;
  std::string_view body;  // until further bytes arrive
};

class WireInbox {
 public:
  // Where the next bytes belong.
  std::span<std::byte> space();
  void add(std::size_t bytes) { end_ += bytes; }
  void clear() {
    begin_ = end_ = 0;
    impossible_length_.reset();
  }

  // The next message that is whole; none: more bytes have to arrive, or impossible_length().
  std::optional<WireMessage> next();

  // Of the next message, if it can have no such length.
  std::optional<std::size_t> impossible_length() const { return impossible_length_; }

 private:
  std::array<std::byte, 4096> bytes_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::optional<std::size_t> impossible_length_;
};

// Whether a message says nothing that a client has to know.
bool is_of_no_interest(char type);

// Of a message 'R': whether the server lets the client in as it is.
bool asks_for_no_password(std::string_view body);
inline constexpr std::string_view password_asked =
    "the server asks for a password, which is not written by hand: use --client libpq";

// Of a message 'E': its text.
std::string_view message_of_error(std::string_view body);

// Of a message 'D', a row: its field; none if it has not exactly one.
std::optional<std::string_view> field_of_row(std::string_view body);

}  // namespace waitbench
