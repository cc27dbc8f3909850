// A client that speaks PostgreSQL's protocol (version 3) by hand, as much of it as its queries
// need. Beside libpq it shows what that library takes; and since its steps are reads and writes, an
// engine that completes operations can show what it does with them.
//
// What a connection sends first goes out in one piece: the startup message, the statements to be
// prepared, and the first question. The server of our own asks for no password, so nothing has to
// be waited for in between.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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

class WireClient : public PostgresClient {
 public:
  WireClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
             const WireStatements& statements);

  // As query_conversation.hpp asks for.
  void greet() { greets_ = true; }
  std::span<std::byte> ask();
  std::span<std::byte> buffer_space();
  Progress take(std::size_t bytes);

 private:
  void put_startup();
  void put_parse(std::string_view name, std::string_view statement);
  void put_question(std::string_view statement_name);
  void put_text(std::string_view text);  // with a zero byte behind it
  void put_number(std::uint32_t number, std::size_t bytes);
  std::size_t begin_message(char type);
  void end_message(std::size_t begin);

  Progress read_message(char type, std::string_view body);
  Progress read_row(std::string_view body);

  const WireStatements& statements_;
  std::vector<std::byte> sent_;
  std::array<std::byte, 4096> received_{};
  std::size_t received_bytes_ = 0;
  bool greets_ = false;          // the connection is new to the server
  bool has_row_ = false;         // of the question at hand
  std::string note_;             // in that row
  std::uint32_t ready_for_ = 0;  // how often the server still has to say that it is ready
};

}  // namespace waitbench
