#include "harness/workloads/postgres/pipelined_libpq.hpp"

#include <cstring>
#include <utility>

#include "harness/workloads/postgres/database.hpp"

namespace waitbench {

Step PipelinedLibpqConversation::resume(Outcome outcome) {
  if (outcome < 0 && doing_ != Doing::hanging_up) return give_up(std::strerror(-outcome));
  switch (doing_) {
    case Doing::nothing: doing_ = Doing::beginning; return Step::begin();
    case Doing::beginning: return pipeline_.is_over() ? Step::done() : connect();
    case Doing::connecting: doing_ = Doing::polling; return Step::forget();
    case Doing::polling: return wait_to_connect(PQconnectPoll(connection_.get()));
    case Doing::sending: return flush();
    case Doing::listening: return take_input();
    case Doing::hanging_up: connection_.reset(); return Step::done();
  }
  return Step::done();
}

Step PipelinedLibpqConversation::connect() {
  connection_ = begin_to_connect(statements_);
  if (!connection_) return give_up("no memory for a connection");
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return refuse();
  return wait_to_connect(PGRES_POLLING_WRITING);
}

Step PipelinedLibpqConversation::wait_to_connect(PostgresPollingStatusType wants) {
  if (wants == PGRES_POLLING_OK) return prepare();
  if (wants == PGRES_POLLING_FAILED) return refuse();
  doing_ = Doing::connecting;
  return ready_for(connection_, wants);
}

// The first queries follow at once.
Step PipelinedLibpqConversation::prepare() {
  PGconn* const connection = connection_.get();
  if (PQsetnonblocking(connection, 1) != 0 || PQenterPipelineMode(connection) == 0) return refuse();
  for (const bool rests : {false, true}) {
    const char* const text = rests ? postgres::rest : statements_.note.c_str();
    if (PQsendPrepare(connection, libpq_name(rests), text, 0, nullptr) == 0) return refuse();
  }
  if (PQpipelineSync(connection) == 0) return refuse();
  synchronizations_ = 1;
  return ask();
}

Step PipelinedLibpqConversation::ask() {
  while (pipeline_.may_ask()) {
    const auto& [rests, parameters, values] = pipeline_.ask();
    if (PQsendQueryPrepared(connection_.get(), libpq_name(rests), parameters, values.data(),
                            nullptr, nullptr, 0) == 0 ||
        PQpipelineSync(connection_.get()) == 0)
      return refuse();
    ++synchronizations_;
  }
  return flush();
}

// The answers to all that may be under way fit into the buffers of the socket (see most_pipelined).
// So the server never waits for us to read, and the library can send what it has.
Step PipelinedLibpqConversation::flush() {
  const int left = PQflush(connection_.get());
  if (left < 0) return refuse();
  doing_ = left == 0 ? Doing::listening : Doing::sending;
  return Step::ready(PQsocket(connection_.get()), left == 0 ? Direction::read : Direction::write);
}

// All the answers that have come; then as many queries follow.
Step PipelinedLibpqConversation::take_input() {
  if (PQconsumeInput(connection_.get()) == 0) return refuse();
  while (synchronizations_ > 0 && PQisBusy(connection_.get()) == 0)
    if (!accepts({PQgetResult(connection_.get()), PQclear})) return hang_up();
  return pipeline_.is_over() ? hang_up() : ask();
}

// The results of a query are its row and then null; those of a synchronization point are one. One
// that is not what was asked for loses the trial.
bool PipelinedLibpqConversation::accepts(LibpqResult result) {
  if (!result) {
    if (!std::exchange(has_ended_, true)) return true;
    give_up("the library has no answer to a query that it has sent");
    return false;
  }
  has_ended_ = false;
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_PIPELINE_SYNC) return is_synchronized();
  if (status == PGRES_COMMAND_OK && !is_prepared_) return true;
  if (status != PGRES_TUPLES_OK) {
    give_up(PQresultErrorMessage(result.get()));
    return false;
  }
  if (row_ || pipeline_.is_empty() || PQntuples(result.get()) != 1 ||
      PQnfields(result.get()) != 1) {
    give_up("the server answered with something else than one row of one field");
    return false;
  }
  row_ = std::move(result);
  return true;
}

// A query has been answered when the server is ready for the next one.
bool PipelinedLibpqConversation::is_synchronized() {
  --synchronizations_;
  if (!std::exchange(is_prepared_, true)) return true;
  if (!row_) {
    give_up("the server answered without a row");
    return false;
  }
  const LibpqResult row = std::exchange(row_, LibpqResult(nullptr, PQclear));
  return pipeline_.take(
      {PQgetvalue(row.get(), 0, 0), static_cast<std::size_t>(PQgetlength(row.get(), 0, 0))});
}

Step PipelinedLibpqConversation::hang_up() {
  doing_ = Doing::hanging_up;
  return Step::forget();
}

Step PipelinedLibpqConversation::give_up(std::string_view reason) {
  pipeline_.lose(in_one_line(reason));
  return hang_up();
}

Step PipelinedLibpqConversation::refuse() {
  return give_up(connection_ ? PQerrorMessage(connection_.get()) : "");
}

}  // namespace waitbench
