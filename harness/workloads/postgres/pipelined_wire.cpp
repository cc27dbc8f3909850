#include "harness/workloads/postgres/pipelined_wire.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "harness/workloads/postgres/database.hpp"

namespace waitbench {

Step PipelinedWireConversation::resume(Outcome moved) {
  if (moved < 0 && doing_ != Doing::hanging_up) {
    constexpr const char* names[] = {"begin", "begin", "connect", "write", "read"};
    pipeline_.lose(names[static_cast<int>(doing_)], moved);
    return hang_up();
  }
  switch (doing_) {
    case Doing::nothing: doing_ = Doing::beginning; return Step::begin();
    case Doing::beginning: return pipeline_.is_over() ? Step::done() : connect();
    case Doing::connecting: return greet();
    case Doing::asking: return written(moved);
    case Doing::listening: return take(moved);
    case Doing::hanging_up: break;
  }
  return Step::done();
}

Step PipelinedWireConversation::connect() {
  doing_ = Doing::connecting;
  return Step::connect(server_);
}

Step PipelinedWireConversation::greet() {
  outbox_.put_startup(statements_);
  outbox_.put_parse("note", statements_.note);
  outbox_.put_parse("rest", postgres::rest);
  return ask();
}

Step PipelinedWireConversation::ask() {
  while (pipeline_.may_ask()) {
    const PostgresClient::Question& question = pipeline_.ask();
    outbox_.put_question(question.rests ? "rest" : "note", question);
  }
  bytes_ = outbox_.bytes();
  return bytes_.empty() ? listen() : write();
}

Step PipelinedWireConversation::write() {
  doing_ = Doing::asking;
  return Step::write(bytes_.data(), bytes_.size());
}

Step PipelinedWireConversation::written(Outcome moved) {
  if (moved == 0 || static_cast<std::size_t>(moved) > bytes_.size()) {
    pipeline_.lose("write", -EPROTO);
    return hang_up();
  }
  bytes_ = bytes_.subspan(static_cast<std::size_t>(moved));
  if (!bytes_.empty()) return write();
  outbox_.clear();
  return listen();
}

Step PipelinedWireConversation::listen() {
  doing_ = Doing::listening;
  bytes_ = inbox_.space();
  return Step::read(bytes_.data(), bytes_.size());
}

// All the answers that have come; then as many queries follow.
Step PipelinedWireConversation::take(Outcome moved) {
  if (moved == 0 || static_cast<std::size_t>(moved) > bytes_.size()) {
    pipeline_.lose("read", moved == 0 ? 0 : -EPROTO);
    return hang_up();
  }
  inbox_.add(static_cast<std::size_t>(moved));
  while (const auto message = inbox_.next())
    if (!accepts(*message)) return hang_up();
  if (const auto length = inbox_.impossible_length()) {
    refuse(fmt::format("the server sent a message of {} bytes", *length));
    return hang_up();
  }
  return pipeline_.is_over() ? hang_up() : ask();
}

bool PipelinedWireConversation::accepts(const WireMessage& message) {
  switch (message.type) {
    case 'D': return accepts_row(message.body);
    case 'E': return refuse(message_of_error(message.body));
    case 'R': return asks_for_no_password(message.body) || refuse(password_asked);
    case 'Z': return is_ready();
    default: break;
  }
  return is_of_no_interest(message.type) ||
         refuse(fmt::format("the server sent a message of the type '{}'", message.type));
}

bool PipelinedWireConversation::accepts_row(std::string_view body) {
  const std::optional<std::string_view> field = field_of_row(body);
  if (!field || note_ || pipeline_.is_empty())
    return refuse("the server answered with something else than one row of one field");
  note_ = *field;
  return true;
}

// It is so when it lets us in, and then after each query.
bool PipelinedWireConversation::is_ready() {
  if (!std::exchange(is_greeted_, true)) return true;
  if (!note_) return refuse("the server answered without a row");
  return pipeline_.take(*std::exchange(note_, std::nullopt));
}

Step PipelinedWireConversation::hang_up() {
  doing_ = Doing::hanging_up;
  return Step::close();
}

bool PipelinedWireConversation::refuse(std::string_view reason) {
  pipeline_.lose(reason);
  return false;
}

}  // namespace waitbench
