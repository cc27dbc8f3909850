// A client's queries as a conversation: connect, then ask and listen until the ledger says stop; in
// an open loop it sleeps before a query that is not due yet. With a pool it first acquires one of
// the connections, and gives it back when it is answered. The same for every workload in which a
// query is one request and one reply; the workload's client knows what these are.
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "harness/workloads/conversations.hpp"
#include "harness/workloads/fan_out.hpp"
#include "harness/workloads/idle_conversation.hpp"
#include "harness/workloads/offload.hpp"
#include "harness/workloads/pool.hpp"
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
  // `pool`: of the trial, if it has one. `more`: what the client is made with besides.
  template <class... More>
  QueryConversation(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
                    const Address& backend, Pool* pool, const More&... more)
      : client_(config, ledger, number, more...),
        backend_(backend),
        lease_(pool == nullptr ? nullptr : std::make_unique<Lease>(*pool)),
        fresh_(config.cell.connections.is_fresh) {}

  // It is the child of that number of a task: it asks one query each time that it is started.
  void belong_to(const FanOut& task, std::uint64_t child) {
    task_ = &task;
    child_ = child;
  }

  // After each query it makes a call that blocks.
  void make_calls_as(Caller& caller) { caller_ = &caller; }

  Step resume(Outcome moved) override;

 private:
  enum class Doing : std::uint8_t {
    nothing,
    acquiring,
    choosing,  // the connection that it has acquired
    sleeping,
    connecting,
    asking,
    listening,
    hanging_up,
    calling
  };

  bool& connected() { return lease_ ? lease_->is_open() : own_connected_; }

  Step begin_query();
  Step next();
  Step acquire();
  Step take_query();
  Step end_query();
  Step end();
  Step sleep(std::int64_t until_ns);
  Step ask();
  Step connect();
  Step write();
  Step listen();
  Step take(Outcome moved);
  Step hang_up();
  Step give_up(Outcome outcome);

  Client client_;
  const Address& backend_;
  std::span<std::byte> bytes_;    // that are to be sent, or where those that come belong
  std::unique_ptr<Lease> lease_;  // null: the connection is its own
  Doing doing_ = Doing::nothing;
  Caller* caller_ = nullptr;      // null: it makes no call
  const FanOut* task_ = nullptr;  // null: it asks as long as the ledger lets it
  std::uint64_t child_ = 0;
  bool fresh_;
  bool own_connected_ = false;
  bool lost_ = false;
};

template <class Client>
Step QueryConversation<Client>::resume(Outcome moved) {
  if (moved < 0 && doing_ != Doing::hanging_up) return give_up(moved);
  switch (doing_) {
    case Doing::nothing: return begin_query();
    case Doing::acquiring: doing_ = Doing::choosing; return Step::use(lease_->connection());
    case Doing::choosing: return client_.finished() ? end() : take_query();
    case Doing::sleeping: return ask();
    case Doing::connecting: connected() = true; return write();
    case Doing::asking:
      if (moved == 0 || static_cast<std::size_t>(moved) > bytes_.size()) return give_up(-EPROTO);
      bytes_ = bytes_.subspan(static_cast<std::size_t>(moved));
      return bytes_.empty() ? listen() : write();
    case Doing::listening: return take(moved);
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
  Step first = lease_ ? acquire() : take_query();
  first.begins_task = true;
  return first;
}

// After a query.
template <class Client>
Step QueryConversation<Client>::next() {
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
  if (fresh_) return hang_up();
  if (lease_) lease_->release();
  return next();
}

// The connections of a pool are left to the model, which closes them when it ends: others may wait
// for them.
template <class Client>
Step QueryConversation<Client>::end() {
  if (lease_ && lease_->is_held()) lease_->release();
  doing_ = Doing::nothing;
  return Step::done();
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
  constexpr const char* names[] = {"begin", "acquire", "use",   "sleep", "connect",
                                   "write", "read",    "close", "call"};
  client_.lose(names[static_cast<int>(doing_)], outcome);
  if (doing_ == Doing::acquiring) return Step::done();  // it has no connection
  lost_ = true;
  return hang_up();
}

// All conversations of a trial: a QueryConversation for each query in flight, and the cell's idle
// connections, which send `idle_request`. With a fan-out the former are children of tasks.
template <class Client>
class QueryConversations : public Conversations {
 public:
  QueryConversations(const TrialContext& context, std::span<const std::byte> idle_request) {
    const Cell& cell = context.config.cell;
    Pool* const pool = pool_of(context, pool_);
    executor_ = make_executor(context);
    idle_.reserve(cell.idle);
    for (std::size_t i = 0; i < cell.idle; ++i)
      idle_.emplace_back(context.ledger, context.backend, idle_request);
    asking_.reserve(cell.in_flight);
    for (std::size_t i = 0; i < cell.in_flight; ++i)
      asking_.emplace_back(context.config, context.ledger, static_cast<std::uint32_t>(i),
                           context.backend, pool);
    if (executor_)
      for (std::size_t i = 0; i < cell.number_of_callers(); ++i)
        asking_[i].make_calls_as(executor_->caller(i));
    // The idle ones come first, so that they are all open when the first reply is held.
    all_.reserve(cell.idle + cell.in_flight);
    for (IdleConversation& conversation : idle_) all_.push_back(&conversation);
    if (cell.fan_out > 1)
      gather(context.ledger, cell.fan_out);
    else
      for (QueryConversation<Client>& conversation : asking_) all_.push_back(&conversation);
    if (cell.makes_calls_outside() && context.is_loop)
      all_.push_back(&watching_.emplace(*executor_));
  }

  std::span<Conversation* const> all() override { return all_; }
  std::size_t background() const override { return watching_ ? 1 : 0; }

 private:
  void gather(Ledger& ledger, std::size_t fan_out) {
    const std::size_t tasks = asking_.size() / fan_out;
    fan_outs_.resize(tasks);
    for (QueryConversation<Client>& conversation : asking_) {
      conversation.belong_to(fan_outs_[children_.size() / fan_out], children_.size() % fan_out);
      children_.push_back(&conversation);
    }
    tasks_.reserve(tasks);
    for (std::size_t i = 0; i < tasks; ++i)
      all_.push_back(&tasks_.emplace_back(
          ledger, std::span(children_).subspan(i * fan_out, fan_out), fan_outs_[i]));
  }

  std::optional<Pool> pool_;
  std::unique_ptr<Executor> executor_;            // null: no calls are made
  std::optional<ExecutorConversation> watching_;  // it, where the clients are tasks of a loop
  std::vector<IdleConversation> idle_;
  std::vector<QueryConversation<Client>> asking_;
  std::vector<FanOut> fan_outs_;
  std::vector<Conversation*> children_;  // of all tasks, one after the other
  std::vector<FanOutConversation> tasks_;
  std::vector<Conversation*> all_;
};

}  // namespace waitbench
