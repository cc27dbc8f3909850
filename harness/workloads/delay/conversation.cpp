#include "harness/workloads/delay/conversation.hpp"

#include <fmt/format.h>

#include <cstring>

namespace waitbench {

Step DelayConversation::resume(Outcome moved) {
  if (moved < 0 && doing_ != Doing::hanging_up) return give_up(moved);
  switch (doing_) {
    case Doing::nothing: return begin_query();
    case Doing::sleeping: return ask();
    case Doing::connecting: connected_ = true; return write();
    case Doing::asking:
      if (moved == 0 || static_cast<std::size_t>(moved) > bytes_.size()) return give_up(-EPROTO);
      bytes_ = bytes_.subspan(static_cast<std::size_t>(moved));
      return bytes_.empty() ? listen() : write();
    case Doing::listening: return hear(moved);
    case Doing::hanging_up: connected_ = false; return lost_ ? Step::done() : begin_query();
  }
  return Step::done();
}

Step DelayConversation::begin_query() {
  if (client_.finished()) return connected_ ? hang_up() : Step::done();
  const std::int64_t asleep_until_ns = client_.take_next();
  Step first = asleep_until_ns == 0 ? ask() : sleep(asleep_until_ns);
  first.begins_task = true;
  return first;
}

Step DelayConversation::sleep(std::int64_t until_ns) {
  doing_ = Doing::sleeping;
  return Step::sleep(until_ns);
}

Step DelayConversation::ask() {
  bytes_ = client_.ask();
  return connected_ ? write() : connect();
}

Step DelayConversation::connect() {
  doing_ = Doing::connecting;
  return Step::connect(backend_);
}

Step DelayConversation::write() {
  doing_ = Doing::asking;
  return Step::write(bytes_.data(), bytes_.size());
}

Step DelayConversation::listen() {
  doing_ = Doing::listening;
  bytes_ = client_.room();
  return Step::read(bytes_.data(), bytes_.size());
}

Step DelayConversation::hear(Outcome moved) {
  if (moved == 0) return give_up(0);
  // A model that says it read more than there was room for has not read at all.
  if (static_cast<std::size_t>(moved) > bytes_.size()) return give_up(-EPROTO);
  switch (client_.take(static_cast<std::size_t>(moved))) {
    case Client::Progress::incomplete: return listen();
    case Client::Progress::complete: return fresh_ ? hang_up() : begin_query();
    case Client::Progress::wrong: break;
  }
  lost_ = true;
  return hang_up();
}

Step DelayConversation::hang_up() {
  doing_ = Doing::hanging_up;
  return Step::close();
}

Step DelayConversation::give_up(Outcome outcome) {
  constexpr const char* names[] = {"begin", "sleep", "connect", "write", "read", "close"};
  client_.lose(names[static_cast<int>(doing_)], outcome);
  lost_ = true;
  return hang_up();
}

ParkedConversation::ParkedConversation(const ClientConfig& config, Ledger& ledger,
                                       const Address& backend)
    : ledger_(ledger), backend_(backend) {
  request_.kind = wire::RequestKind::idle;
  request_.trial = config.trial;
}

Step ParkedConversation::resume(Outcome moved) {
  if (moved < 0 && doing_ != Doing::hanging_up) {
    ledger_.fail(fmt::format("an idle connection was lost: {}", std::strerror(-moved)));
    doing_ = Doing::hanging_up;
    return Step::close();
  }
  switch (doing_) {
    case Doing::nothing: doing_ = Doing::connecting; return Step::connect(backend_);
    case Doing::connecting:
      doing_ = Doing::asking;
      return Step::write(reinterpret_cast<std::byte*>(&request_), sizeof request_);
    case Doing::asking:
      doing_ = Doing::parked;
      return Step::read(reinterpret_cast<std::byte*>(&reply_), sizeof reply_);
    case Doing::parked: doing_ = Doing::hanging_up; return Step::close();
    case Doing::hanging_up: break;
  }
  return Step::done();
}

}  // namespace waitbench
