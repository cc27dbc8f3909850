#include "harness/workloads/postgres/idle_conversation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "harness/workloads/postgres/wire_messages.hpp"

namespace waitbench {
namespace {

constexpr std::size_t head_bytes = 5;  // of a message: its type and its length

// When the trial ends, the server has ended the session.
void fail_unless_over(Ledger& ledger, std::string_view why) {
  if (!ledger.stopping())
    ledger.fail(fmt::format("an idle connection was lost: {}", in_one_line(why)));
}

}  // namespace

Step LibpqIdleConversation::resume(Outcome outcome) {
  if (outcome < 0 && doing_ != Doing::hanging_up) return end(std::strerror(-outcome));
  switch (doing_) {
    case Doing::nothing: doing_ = Doing::beginning; return Step::begin();
    case Doing::beginning: return connect();
    case Doing::connecting: doing_ = Doing::polling; return Step::forget();
    case Doing::polling: return wait_to_connect(PQconnectPoll(connection_.get()));
    case Doing::idle: return watch();
    case Doing::hanging_up: connection_.reset(); break;
  }
  return Step::done();
}

Step LibpqIdleConversation::connect() {
  connection_ = begin_to_connect(statements_);
  if (!connection_) return end("no memory for it");
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return end(PQerrorMessage(connection_.get()));
  // The library would print that the server has ended the session.
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  return wait_to_connect(PGRES_POLLING_WRITING);
}

Step LibpqIdleConversation::wait_to_connect(PostgresPollingStatusType wants) {
  if (wants == PGRES_POLLING_FAILED) return end(PQerrorMessage(connection_.get()));
  const bool is_connected = wants == PGRES_POLLING_OK;
  doing_ = is_connected ? Doing::idle : Doing::connecting;
  return ready_for(connection_, wants);
}

// Something has come that nobody has asked for.
Step LibpqIdleConversation::watch() {
  if (PQconsumeInput(connection_.get()) == 0) return end(PQerrorMessage(connection_.get()));
  return Step::ready(PQsocket(connection_.get()), Direction::read);
}

Step LibpqIdleConversation::end(std::string_view why) {
  fail_unless_over(ledger_, why);
  doing_ = Doing::hanging_up;
  return Step::forget();
}

Step WireIdleConversation::resume(Outcome outcome) {
  if (outcome < 0 && doing_ != Doing::hanging_up) return end(std::strerror(-outcome));
  const auto moved = static_cast<std::size_t>(outcome);
  switch (doing_) {
    case Doing::nothing: doing_ = Doing::connecting; return Step::connect(server_);
    case Doing::connecting: doing_ = Doing::greeting; break;
    case Doing::greeting: startup_ = startup_.subspan(std::min(moved, startup_.size())); break;
    case Doing::idle: {
      const std::string_view text(reinterpret_cast<const char*>(received_.data()), moved);
      if (text.empty()) return end("the server has closed it");
      // The server's last message has a piece of its own: whatever came before was read before.
      if (text.front() == 'E')
        return end(message_of_error(text.substr(std::min(text.size(), head_bytes))));
      break;
    }
    case Doing::hanging_up: return Step::done();
  }
  if (!startup_.empty()) return Step::write(startup_.data(), startup_.size());
  doing_ = Doing::idle;
  return Step::read(received_.data(), received_.size());
}

Step WireIdleConversation::end(std::string_view why) {
  fail_unless_over(ledger_, why);
  doing_ = Doing::hanging_up;
  return Step::close();
}

}  // namespace waitbench
