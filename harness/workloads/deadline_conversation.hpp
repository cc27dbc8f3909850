// A client whose queries have a deadline: one that takes longer is cancelled. Its model takes back
// the step under way, the connection is closed, and the client asks anew, over a fresh one: a query
// of its own in the ledger, whose latency counts from the first attempt.
//
// The deadline is that of the whole query, from its start: each of its steps has the time that is
// left. A query that waits at the gate for the next turn has none, since it is the gate that keeps
// it; in exchange its reply is delayed for no longer than the deadline, so that it is under way for
// as long as one that is cancelled.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "harness/workloads/query_conversation.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

// Beside what a QueryConversation asks for, the client offers, of a query that it will send next:
//   std::int64_t delay_ns() const;           how long the reply is to be delayed
//   void limit_delay(std::int64_t most_ns);  it is to be delayed by no more than that
template <class Client>
concept Cancellable = requires(Client client, const Client& asked) {
  client.limit_delay(asked.delay_ns());
};

template <Cancellable Client>
class DeadlineConversation final : public QueryConversation<Client> {
 public:
  DeadlineConversation(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
                       const Address& backend)
      : QueryConversation<Client>(config, ledger, number, backend, nullptr),
        allowed_us_(config.cell.deadline_us) {}

  Step resume(Outcome moved) override {
    if (moved == -ETIMEDOUT && deadline_ns_ != 0) return cancel();
    Step step = QueryConversation<Client>::resume(moved);
    const bool is_first = std::exchange(id_, this->client().id()) != this->client().id();
    if (is_first) begin();
    const bool takes_time = step.kind == StepKind::connect || step.kind == StepKind::write ||
                            step.kind == StepKind::read;
    if (deadline_ns_ != 0 && takes_time)
      step.timeout_us = (is_first ? allowed_us_ : left_us()) & most_us;
    return step;
  }

 private:
  static constexpr std::uint32_t most_us = 0x7fffffff;  // that a step has room for

  void begin() {
    Client& client = this->client();
    if (std::exchange(is_asked_anew_, false))
      client.count_from(asked_first_ns_);
    else
      asked_first_ns_ = client.asked_ns();
    const std::int64_t allowed_ns = allowed_us_ * ns_per_us;
    deadline_ns_ = client.is_let_through() ? client.asked_ns() + allowed_ns : 0;
    if (deadline_ns_ == 0) client.limit_delay(allowed_ns);
    delay_ns_ = client.delay_ns();
  }

  // Rounded up: no query is cancelled before its time. A step without time would have no limit.
  std::uint32_t left_us() const {
    const std::int64_t left_ns = deadline_ns_ - now_ns();
    return static_cast<std::uint32_t>(
        std::max<std::int64_t>(1, (left_ns + ns_per_us - 1) / ns_per_us));
  }

  Step cancel() {
    this->client().cancel(this->has_asked() ? Cancelled::after_sent : Cancelled::before_sent,
                          delay_ns_);
    is_asked_anew_ = true;
    deadline_ns_ = 0;
    return this->hang_up();
  }

  std::uint32_t allowed_us_;
  bool is_asked_anew_ = false;  // the next query takes the place of one that was cancelled
  std::uint64_t id_ = 0;        // of the query at hand
  std::int64_t asked_first_ns_ = 0;
  std::int64_t delay_ns_ = 0;     // that it was asked with
  std::int64_t deadline_ns_ = 0;  // 0: it waits at the gate
};

// Of a client that cannot be cancelled there are none.
template <class Client>
struct ManyDeadlineConversations {
  using Type = std::monostate;
};
template <Cancellable Client>
struct ManyDeadlineConversations<Client> {
  using Type = std::vector<DeadlineConversation<Client>>;
};
template <class Client>
using DeadlineConversations = typename ManyDeadlineConversations<Client>::Type;

}  // namespace waitbench
