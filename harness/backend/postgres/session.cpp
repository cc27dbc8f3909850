#include "harness/backend/postgres/session.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "harness/os/interrupt.hpp"
#include "harness/os/proc_text.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench::postgres {

Session::Session(const std::string& endpoint, std::int64_t patience_ns)
    : connection_(PQconnectStart(endpoint.c_str()), PQfinish), patience_ns_(patience_ns) {
  const std::int64_t deadline_ns = now_ns() + patience_ns;
  if (!connection_) throw std::bad_alloc();
  PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
  while (wants != PGRES_POLLING_OK) {
    if (wants == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) refuse();
    await(wants == PGRES_POLLING_WRITING, deadline_ns);
    wants = PQconnectPoll(connection_.get());
  }
}

std::string Session::execute(const std::string& statements) {
  const std::int64_t deadline_ns = now_ns() + patience_ns_;
  if (PQsendQuery(connection_.get(), statements.c_str()) == 0) refuse();
  while (const int left = PQflush(connection_.get())) {
    if (left < 0) refuse();
    await(true, deadline_ns);
  }
  return take_result(deadline_ns);
}

std::string Session::take_result(std::int64_t deadline_ns) {
  std::string field;
  while (true) {
    while (PQisBusy(connection_.get()) != 0) {
      await(false, deadline_ns);
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

void Session::await(bool to_write, std::int64_t deadline_ns) const {
  constexpr std::int64_t longest_ms = 1000;
  const auto events = static_cast<short>(to_write ? POLLOUT : POLLIN);
  while (true) {
    const std::int64_t rest_ms = (deadline_ns - now_ns()) / ns_per_ms;
    if (rest_ms <= 0)
      throw std::runtime_error(fmt::format("the backend did not answer within {} s",
                                           static_cast<double>(patience_ns_) / ns_per_s));
    pollfd sources[] = {{.fd = PQsocket(connection_.get()), .events = events, .revents = 0},
                        {.fd = interrupt_fd(), .events = POLLIN, .revents = 0}};
    const int ready =
        poll(sources, std::size(sources), static_cast<int>(std::min(rest_ms, longest_ms)));
    if (interrupted()) throw Interrupted{};
    if (ready < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "poll");
    if (ready > 0 && sources[0].revents != 0) return;
  }
}

void Session::refuse() const {
  std::string why = PQerrorMessage(connection_.get());
  std::ranges::replace(why, '\n', ' ');
  why.erase(why.find_last_not_of(' ') + 1);
  throw std::runtime_error("the backend: " + why);
}

}  // namespace waitbench::postgres
