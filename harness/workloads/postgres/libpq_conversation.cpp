#include "harness/workloads/postgres/libpq_conversation.hpp"

#include <fmt/format.h>

#include <cstring>

#include "harness/workloads/postgres/database.hpp"

namespace waitbench {

LibpqPool::LibpqPool(const TrialContext& context) {
  make_pool(context, pool);
  const std::size_t size = pool ? context.config.cell.client_connections() : 0;
  for (std::size_t i = 0; i < size; ++i) connections.emplace_back(nullptr, PQfinish);
}

LibpqConversation::LibpqConversation(const ClientConfig& config, Ledger& ledger,
                                     std::uint32_t number, const LibpqStatements& statements,
                                     LibpqPool& pool)
    : client_(config, ledger, number),
      statements_(statements),
      pool_(pool),
      fresh_(config.cell.connections.is_fresh) {
  if (pool.pool) lease_.emplace(*pool.pool);
}

Step LibpqConversation::resume(Outcome outcome) {
  if (outcome < 0 && doing_ != Doing::hanging_up) return give_up(std::strerror(-outcome));
  switch (doing_) {
    case Doing::nothing: return begin_query();
    case Doing::acquiring: doing_ = Doing::choosing; return Step::use(lease_->connection());
    case Doing::choosing: return client_.finished() ? end() : take_query();
    case Doing::sleeping: question_ = &client_.ask(); return begin();
    case Doing::beginning: return begin();
    case Doing::connecting: doing_ = Doing::polling; return Step::forget();
    case Doing::polling: return wait_to_connect(PQconnectPoll(connection().get()));
    case Doing::sending: return flush();
    case Doing::listening: return take_input();
    case Doing::hanging_up: connection().reset(); return lost_ ? end() : begin_query();
  }
  return Step::done();
}

Step LibpqConversation::begin_query() {
  if (client_.finished()) return !lease_ && connection() ? hang_up() : end();
  return lease_ ? acquire() : take_query();
}

Step LibpqConversation::acquire() {
  client_.issue();
  doing_ = Doing::acquiring;
  Step step = Step::acquire(*lease_);
  step.begins_task = true;
  return step;
}

// With a pool the task has begun when it acquired its connection.
Step LibpqConversation::take_query() {
  const std::int64_t asleep_until_ns = client_.take_next();
  if (asleep_until_ns != 0) return sleep(asleep_until_ns);
  question_ = &client_.ask();
  if (lease_) return begin();
  doing_ = Doing::beginning;
  return Step::begin();
}

Step LibpqConversation::end_query() {
  if (fresh_) return hang_up();
  if (lease_) lease_->release();
  return begin_query();
}

// The connections of a pool stay open for the others.
Step LibpqConversation::end() {
  if (lease_ && lease_->is_held()) lease_->release();
  return Step::done();
}

Step LibpqConversation::sleep(std::int64_t until_ns) {
  doing_ = Doing::sleeping;
  Step step = Step::sleep(until_ns);
  step.begins_task = true;
  return step;
}

Step LibpqConversation::begin() {
  return connection() ? send_question() : connect();
}

Step LibpqConversation::connect() {
  connection() = begin_to_connect(statements_);
  if (!connection()) return give_up("no memory for a connection");
  if (PQstatus(connection().get()) == CONNECTION_BAD) return refuse();
  return wait_to_connect(PGRES_POLLING_WRITING);
}

// One that is asked a single question need not have its statement prepared.
Step LibpqConversation::wait_to_connect(PostgresPollingStatusType wants) {
  if (wants == PGRES_POLLING_OK) {
    if (PQsetnonblocking(connection().get(), 1) != 0) return refuse();
    return fresh_ ? send_question() : prepare(Asked::note_prepared);
  }
  if (wants == PGRES_POLLING_FAILED) return refuse();
  doing_ = Doing::connecting;
  return ready_for(connection(), wants);
}

Step LibpqConversation::prepare(Asked statement) {
  asked_ = statement;
  const bool is_note = statement == Asked::note_prepared;
  const char* const text = is_note ? statements_.note.c_str() : postgres::rest;
  if (PQsendPrepare(connection().get(), libpq_name(!is_note), text, 0, nullptr) == 0)
    return refuse();
  return flush();
}

Step LibpqConversation::send_question() {
  asked_ = Asked::question;
  const auto& [rests, parameters, values] = *question_;
  const char* const statement = rests ? postgres::rest : statements_.note.c_str();
  const int sent = fresh_ ? PQsendQueryParams(connection().get(), statement, parameters, nullptr,
                                              values.data(), nullptr, nullptr, 0)
                          : PQsendQueryPrepared(connection().get(), libpq_name(rests), parameters,
                                                values.data(), nullptr, nullptr, 0);
  return sent == 0 ? refuse() : flush();
}

Step LibpqConversation::flush() {
  const int left = PQflush(connection().get());
  if (left < 0) return refuse();
  if (left == 0) return listen();
  doing_ = Doing::sending;
  return Step::ready(PQsocket(connection().get()), Direction::write);
}

Step LibpqConversation::listen() {
  doing_ = Doing::listening;
  return Step::ready(PQsocket(connection().get()), Direction::read);
}

Step LibpqConversation::take_input() {
  if (PQconsumeInput(connection().get()) == 0) return refuse();
  while (PQisBusy(connection().get()) == 0) {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(connection().get()),
                                                                PQclear);
    if (!result) return answered();
    if (!accepts(*result)) return hang_up();
  }
  return listen();
}

// A result that is not what was asked for loses the trial.
bool LibpqConversation::accepts(const PGresult& result) {
  const ExecStatusType status = PQresultStatus(&result);
  lost_ = true;
  if (asked_ != Asked::question && status == PGRES_COMMAND_OK) {
    lost_ = false;
  } else if (status != PGRES_TUPLES_OK) {
    give_up(PQresultErrorMessage(&result));
  } else if (PQntuples(&result) != 1 || PQnfields(&result) != 1) {
    client_.fail(fmt::format("the server answered with {} rows of {} fields, where one was asked",
                             PQntuples(&result), PQnfields(&result)));
  } else {
    lost_ = !client_.take(
        {PQgetvalue(&result, 0, 0), static_cast<std::size_t>(PQgetlength(&result, 0, 0))});
  }
  return !lost_;
}

Step LibpqConversation::answered() {
  switch (asked_) {
    case Asked::note_prepared: return prepare(Asked::rest_prepared);
    case Asked::rest_prepared: return send_question();
    case Asked::question: break;
  }
  return end_query();
}

Step LibpqConversation::hang_up() {
  doing_ = Doing::hanging_up;
  return Step::forget();
}

Step LibpqConversation::give_up(std::string_view reason) {
  client_.lose(in_one_line(reason));
  lost_ = true;
  return doing_ == Doing::acquiring ? end() : hang_up();  // without a connection
}

Step LibpqConversation::refuse() {
  return give_up(connection() ? PQerrorMessage(connection().get()) : "");
}

}  // namespace waitbench
