#include "harness/backend/postgres/session.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "harness/os/proc_text.hpp"

namespace waitbench::postgres {

Session::Session(const std::string& endpoint, std::int64_t patience_ns)
    : connection_(PQconnectStart(endpoint.c_str()), PQfinish), patience_ns_(patience_ns) {
  const Patience patience(patience_ns);
  if (!connection_) throw std::bad_alloc();
  PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
  while (wants != PGRES_POLLING_OK) {
    if (wants == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) refuse();
    patience.await(PQsocket(connection_.get()), wants == PGRES_POLLING_WRITING ? POLLOUT : POLLIN);
    wants = PQconnectPoll(connection_.get());
  }
}

std::string Session::execute(const std::string& statements) {
  const Patience patience(patience_ns_);
  if (PQsendQuery(connection_.get(), statements.c_str()) == 0) refuse();
  while (const int left = PQflush(connection_.get())) {
    if (left < 0) refuse();
    patience.await(PQsocket(connection_.get()), POLLOUT);
  }
  return take_result(patience);
}

std::string Session::take_result(const Patience& patience) {
  std::string field;
  while (true) {
    while (PQisBusy(connection_.get()) != 0) {
      patience.await(PQsocket(connection_.get()), POLLIN);
      if (PQconsumeInput(connection_.get()) == 0) refuse();
    }
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(connection_.get()),
                                                                PQclear);
    if (!result) return field;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) refuse();
    const bool has_field = PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0;
    field = has_field ? PQgetvalue(result.get(), 0, 0) : "";
  }
}

std::int64_t Session::number(const std::string& statement) {
  const std::string text = execute(statement);
  const auto number = parse_integer(text);
  if (!number)
    throw std::runtime_error(fmt::format("the backend answered '{}' to: {}", text, statement));
  return *number;
}

void Session::refuse() const {
  std::string why = PQerrorMessage(connection_.get());
  std::ranges::replace(why, '\n', ' ');
  why.erase(why.find_last_not_of(' ') + 1);
  throw std::runtime_error("the backend: " + why);
}

}  // namespace waitbench::postgres
