// A session of the harness itself with a PostgreSQL server. Nothing that it does waits for ever: a
// server that was stopped is found out.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>

#include "harness/backend/await_server.hpp"

namespace waitbench::postgres {

class Session {
 public:
  // Connects. Every function throws std::runtime_error, "the backend ...", when the server does not
  // answer within `patience_ns`, is gone, or refuses; Interrupted.
  Session(const std::string& endpoint, std::int64_t patience_ns);

  // Executes a statement, or several, and returns the first field of the last one's first row;
  // empty if there is none.
  std::string execute(const std::string& statements);

  // The same, for a statement whose result is a number.
  std::int64_t number(const std::string& statement);

 private:
  std::string take_result(const Patience& patience);
  [[noreturn]] void refuse() const;

  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
  std::int64_t patience_ns_;
};

}  // namespace waitbench::postgres
