// A client's queries as a conversation: connect, then ask and listen until the ledger says stop; in
// an open loop it sleeps before a query that is not due yet. With a limit it first acquires a
// permit, and with a pool one of the connections, and gives it back when it is answered; with a
// lock it works for its reply while it holds that. The same for every workload in which a query is
// one request and one reply; the workload's client knows what these are.
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "harness/workloads/coordination.hpp"
#include "harness/workloads/fan_out.hpp"
#include "harness/workloads/query_client.hpp"
#include "impls/conversation.hpp"
#include "impls/executor.hpp"

namespace waitbench {

// Beside what a QueryClient has, of which it may have a greet() of its own, the client offers:
//   std::span<std::byte> ask();           enters the query that was taken; the bytes to be sent
//   std::span<std::byte> buffer_space();  where the reply's next bytes belong
//   Progress take(std::size_t bytes);     so many of them have arrived there
template <class Client>
class QueryConversation : public Conversation {
 public:
  // `shared`: by the clients of the trial; null: they share nothing. `more`: what the client is
  // made with besides.
  template <class... More>
  QueryConversation(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
                    const Address& backend, Coordination* shared, const More&... more)
      : client_(config, ledger, number, more...),
        backend_(backend),
        fresh_(config.cell.connections.is_fresh) {
    if (shared == nullptr) return;
    if (shared->pool) lease_ = std::make_unique<Lease>(*shared->pool);
    if (shared->limit) limit_ = &*shared->limit;
    if (shared->lock) lock_ = &*shared->lock;
  }

  // It is the child of that number of a task: it asks one query each time that it is started.
  void belong_to(const FanOut& task, std::uint64_t child) {
    task_ = &task;
    child_ = child;
  }

  // After each query it makes a call that blocks.
  void make_calls_as(Caller& caller) { caller_ = &caller; }

  Step resume(Outcome moved) override;

 protected:
  // For a conversation that cancels its queries: deadline_conversation.hpp.
  const Client& client() const { return client_; }
  Client& client() { return client_; }
  bool has_asked() const { return doing_ == Doing::listening; }
  Step hang_up();

 private:
  enum class Doing : std::uint8_t {
    nothing,
    awaiting_permit,
    acquiring,
    choosing,  // the connection that it has acquired
    sleeping,
    connecting,
    asking,
    listening,
    awaiting_lock,
    hanging_up,
    calling
  };

  bool& connected() { return lease_ ? lease_->is_open() : own_connected_; }

  Step begin_query();
  Step await_permit();
  Step begin_with_permit();
  Step next();
  Step acquire();
  Step take_query();
  Step end_query();
  Step work_with_lock();
  Step leave_connection();
  Step end();
  void release_permit();
  Step sleep(std::int64_t until_ns);
  Step ask();
  Step connect();
  Step write();
  Step listen();
  Step take(Outcome moved);
  Step give_up(Outcome outcome);

  Client client_;
  const Address& backend_;
  std::span<std::byte> bytes_;    // that are to be sent, or where those that come belong
  std::unique_ptr<Lease> lease_;  // null: the connection is its own
  Limit* limit_ = nullptr;        // null: it may ask at any time
  WorkLock* lock_ = nullptr;      // null: it works for its reply without one
  Doing doing_ = Doing::nothing;
  Caller* caller_ = nullptr;      // null: it makes no call
  const FanOut* task_ = nullptr;  // null: it asks as long as the ledger lets it
  std::uint64_t child_ = 0;
  bool fresh_;
  bool own_connected_ = false;
  bool has_permit_ = false;
  bool lost_ = false;
};

template <class Client>
Step QueryConversation<Client>::resume(Outcome moved) {
  if (moved < 0 && doing_ != Doing::hanging_up) return give_up(moved);
  switch (doing_) {
    case Doing::nothing: return begin_query();
    case Doing::awaiting_permit: has_permit_ = true; return begin_with_permit();
    case Doing::acquiring: doing_ = Doing::choosing; return Step::use(lease_->connection());
    case Doing::choosing: return client_.finished() ? end() : take_query();
    case Doing::sleeping: return ask();
    case Doing::connecting: connected() = true; return write();
    case Doing::asking:
      if (moved == 0 || static_cast<std::size_t>(moved) > bytes_.size()) return give_up(-EPROTO);
      bytes_ = bytes_.subspan(static_cast<std::size_t>(moved));
      return bytes_.empty() ? listen() : write();
    case Doing::listening: return take(moved);
    case Doing::awaiting_lock: return work_with_lock();
    case Doing::hanging_up: connected() = false; return lost_ ? end() : next();
    case Doing::calling: return begin_query();
  }
  return Step::done();
}

template <class Client>
Step QueryConversation<Client>::begin_query() {
  if (task_ != nullptr ? task_->is_over : client_.finished())
    return !lease_ && connected() ? hang_up() : end();
  if (task_ != nullptr) client_.take_given(task_->first_id + child_, task_->asked_ns);
  Step first = limit_ != nullptr ? await_permit() : lease_ ? acquire() : take_query();
  first.begins_task = true;
  return first;
}

template <class Client>
Step QueryConversation<Client>::await_permit() {
  if (task_ == nullptr) client_.issue();
  doing_ = Doing::awaiting_permit;
  return Step::acquire(*limit_);
}

// A query that its task has asked for is asked, even if the trial was to stop meanwhile.
template <class Client>
Step QueryConversation<Client>::begin_with_permit() {
  if (task_ != nullptr || !client_.finished()) return take_query();
  return connected() ? hang_up() : end();
}

// After a query.
template <class Client>
Step QueryConversation<Client>::next() {
  release_permit();
  if (task_ != nullptr) return end();
  if (caller_ == nullptr) return begin_query();
  doing_ = Doing::calling;
  return Step::acquire(*caller_);
}

template <class Client>
Step QueryConversation<Client>::acquire() {
  client_.issue();
  doing_ = Doing::acquiring;
  return Step::acquire(*lease_);
}

template <class Client>
Step QueryConversation<Client>::take_query() {
  const std::int64_t asleep_until_ns = client_.take_next();
  return asleep_until_ns == 0 ? ask() : sleep(asleep_until_ns);
}

template <class Client>
Step QueryConversation<Client>::end_query() {
  if (lock_ == nullptr) return leave_connection();
  doing_ = Doing::awaiting_lock;
  return Step::acquire(*lock_);
}

template <class Client>
Step QueryConversation<Client>::work_with_lock() {
  client_.work();
  lock_->release();
  return leave_connection();
}

template <class Client>
Step QueryConversation<Client>::leave_connection() {
  if (fresh_) return hang_up();
  if (lease_) lease_->release();
  return next();
}

// The connections of a pool are left to the model, which closes them when it ends: others may wait
// for them.
template <class Client>
Step QueryConversation<Client>::end() {
  if (lease_ && lease_->is_held()) lease_->release();
  release_permit();
  doing_ = Doing::nothing;
  return Step::done();
}

template <class Client>
void QueryConversation<Client>::release_permit() {
  if (std::exchange(has_permit_, false)) limit_->release();
}

template <class Client>
Step QueryConversation<Client>::sleep(std::int64_t until_ns) {
  doing_ = Doing::sleeping;
  return Step::sleep(until_ns);
}

template <class Client>
Step QueryConversation<Client>::ask() {
  if (!connected()) client_.greet();
  bytes_ = client_.ask();
  return connected() ? write() : connect();
}

template <class Client>
Step QueryConversation<Client>::connect() {
  doing_ = Doing::connecting;
  return Step::connect(backend_);
}

template <class Client>
Step QueryConversation<Client>::write() {
  doing_ = Doing::asking;
  return Step::write(bytes_.data(), bytes_.size());
}

template <class Client>
Step QueryConversation<Client>::listen() {
  doing_ = Doing::listening;
  bytes_ = client_.buffer_space();
  return Step::read(bytes_.data(), bytes_.size());
}

template <class Client>
Step QueryConversation<Client>::take(Outcome moved) {
  if (moved == 0) return give_up(0);
  // A model that claims to have read more than there was space for has not read at all.
  if (static_cast<std::size_t>(moved) > bytes_.size()) return give_up(-EPROTO);
  switch (client_.take(static_cast<std::size_t>(moved))) {
    case QueryClient::Progress::incomplete: return listen();
    case QueryClient::Progress::complete: return end_query();
    case QueryClient::Progress::wrong: break;
  }
  lost_ = true;
  return hang_up();
}

template <class Client>
Step QueryConversation<Client>::hang_up() {
  doing_ = Doing::hanging_up;
  return Step::close();
}

template <class Client>
Step QueryConversation<Client>::give_up(Outcome outcome) {
  constexpr const char* names[] = {"begin", "acquire", "acquire", "use",   "sleep", "connect",
                                   "write", "read",    "acquire", "close", "call"};
  client_.lose(names[static_cast<int>(doing_)], outcome);
  if (doing_ == Doing::acquiring) return Step::done();  // it has no connection
  lost_ = true;
  return hang_up();
}

}  // namespace waitbench
