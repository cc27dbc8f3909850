#include "harness/workloads/postgres/wire_client.hpp"

#include <fmt/format.h>

#include <utility>

#include "harness/workloads/postgres/database.hpp"

namespace waitbench {

WireClient::WireClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
                       const WireStatements& statements)
    : PostgresClient(config, ledger, number), statements_(statements) {}

// A fresh connection asks one question, so the unnamed statement does for it.
std::span<std::byte> WireClient::ask() {
  const Question& question = PostgresClient::ask();
  outbox_.clear();
  inbox_.clear();
  has_row_ = false;
  ready_for_ = 1;
  const bool is_fresh = config().cell.connections.is_fresh;
  const bool is_first = std::exchange(greets_, false);
  if (is_first) {
    ++ready_for_;
    outbox_.put_startup(statements_);
  }
  const std::string_view rest = postgres::rest;
  if (is_fresh) outbox_.put_parse("", question.rests ? rest : std::string_view(statements_.note));
  if (is_first && !is_fresh) {
    outbox_.put_parse("note", statements_.note);
    outbox_.put_parse("rest", rest);
  }
  outbox_.put_question(is_fresh ? "" : question.rests ? "rest" : "note", question);
  return outbox_.bytes();
}

WireClient::Progress WireClient::take(std::size_t bytes) {
  inbox_.add(bytes);
  while (const auto message = inbox_.next()) {
    const Progress progress = read_message(message->type, message->body);
    if (progress != Progress::incomplete) return progress;
  }
  if (!inbox_.impossible_length()) return Progress::incomplete;
  fail(fmt::format("query {}: the server sent a message of {} bytes", id(),
                   *inbox_.impossible_length()));
  return Progress::wrong;
}

WireClient::Progress WireClient::read_message(char type, std::string_view body) {
  if (type == 'D') return read_row(body);
  if (type == 'E') {
    fail(fmt::format("query {}: {}", id(), message_of_error(body)));
    return Progress::wrong;
  }
  if (type == 'R' && !asks_for_no_password(body)) {
    fail(password_asked);
    return Progress::wrong;
  }
  if (type == 'Z' && --ready_for_ == 0) {
    if (has_row_) return PostgresClient::take(note_) ? Progress::complete : Progress::wrong;
    fail(fmt::format("query {}: the server answered without a row", id()));
    return Progress::wrong;
  }
  if (type == 'R' || type == 'Z' || is_of_no_interest(type)) return Progress::incomplete;
  fail(fmt::format("query {}: the server sent a message of the type '{}'", id(), type));
  return Progress::wrong;
}

WireClient::Progress WireClient::read_row(std::string_view body) {
  const std::optional<std::string_view> field = field_of_row(body);
  if (!field || has_row_) {
    fail(fmt::format("query {}: the server answered with something else than one row of one field",
                     id()));
    return Progress::wrong;
  }
  has_row_ = true;
  note_ = *field;
  return Progress::incomplete;
}

}  // namespace waitbench
