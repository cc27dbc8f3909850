// A client that speaks PostgreSQL's protocol (version 3) by hand, as much of it as its queries
// need. Beside libpq it shows what that library takes; and since its steps are reads and writes, an
// engine that completes operations can show what it does with them.
//
// What a connection sends first goes out in one piece: the startup message, the statements to be
// prepared, and the first question. The server of our own asks for no password, so nothing has to
// be waited for in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/workloads/postgres/client.hpp"
#include "harness/workloads/postgres/wire_messages.hpp"

namespace waitbench {

class WireClient : public PostgresClient {
 public:
  WireClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
             const WireStatements& statements);

  // As query_conversation.hpp asks for.
  void greet() { greets_ = true; }
  std::span<std::byte> ask();
  std::span<std::byte> buffer_space() { return inbox_.space(); }
  Progress take(std::size_t bytes);

 private:
  Progress read_message(char type, std::string_view body);
  Progress read_row(std::string_view body);

  const WireStatements& statements_;
  WireOutbox outbox_;
  WireInbox inbox_;
  bool greets_ = false;          // the connection is new to the server
  bool has_row_ = false;         // of the question at hand
  std::string note_;             // in that row
  std::uint32_t ready_for_ = 0;  // how often the server still has to say that it is ready
};

}  // namespace waitbench
