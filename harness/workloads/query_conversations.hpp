// All the conversations of a trial of a workload in which a query is one request and one reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "harness/workloads/conversations.hpp"
#include "harness/workloads/coordination.hpp"
#include "harness/workloads/deadline_conversation.hpp"
#include "harness/workloads/fan_out.hpp"
#include "harness/workloads/idle_conversation.hpp"
#include "harness/workloads/offload.hpp"
#include "harness/workloads/query_conversation.hpp"
#include "impls/conversation.hpp"
#include "impls/executor.hpp"

namespace waitbench {

// A QueryConversation for each query in flight, and the cell's idle
// connections, which send `idle_request`. With a fan-out the former are children of tasks; with a
// deadline each is a DeadlineConversation.
template <class Client>
class QueryConversations : public Conversations {
 public:
  QueryConversations(const TrialContext& context, std::span<const std::byte> idle_request)
      : shared_(context) {
    const Cell& cell = context.config.cell;
    idle_.reserve(cell.idle);
    for (std::size_t i = 0; i < cell.idle; ++i)
      idle_.emplace_back(context.ledger, context.backend, idle_request);
    if (cell.deadline_us == 0) {
      asking_.reserve(cell.in_flight);
      for (std::size_t i = 0; i < cell.in_flight; ++i)
        asking_.emplace_back(context.config, context.ledger, static_cast<std::uint32_t>(i),
                             context.backend, &shared_);
    }
    executor_ = make_executor(context);
    if (executor_)
      for (std::size_t i = 0; i < cell.number_of_callers(); ++i)
        asking_[i].make_calls_as(executor_->caller(i));
    // The idle ones come first, so that they are all open when the first reply is held.
    all_.reserve(cell.idle + cell.in_flight);
    for (IdleConversation& conversation : idle_) all_.push_back(&conversation);
    if (cell.deadline_us > 0)
      ask_in_time(context);
    else if (cell.fan_out > 1)
      gather(context.ledger, cell.fan_out);
    else
      for (QueryConversation<Client>& conversation : asking_) all_.push_back(&conversation);
    if (cell.makes_calls_outside() && context.is_loop)
      all_.push_back(&watching_.emplace(*executor_));
  }

  std::span<Conversation* const> all() override { return all_; }
  std::size_t background() const override { return watching_ ? 1 : 0; }

 private:
  void ask_in_time(const TrialContext& context) {
    if constexpr (Cancellable<Client>) {
      const std::size_t in_flight = context.config.cell.in_flight;
      in_time_.reserve(in_flight);
      for (std::size_t i = 0; i < in_flight; ++i)
        all_.push_back(&in_time_.emplace_back(context.config, context.ledger,
                                              static_cast<std::uint32_t>(i), context.backend));
    }
  }

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

  Coordination shared_;
  std::unique_ptr<Executor> executor_;            // null: no calls are made
  std::optional<ExecutorConversation> watching_;  // it, where the clients are tasks of a loop
  std::vector<IdleConversation> idle_;
  std::vector<QueryConversation<Client>> asking_;
  DeadlineConversations<Client> in_time_;  // in place of the former, where there is a deadline
  std::vector<FanOut> fan_outs_;
  std::vector<Conversation*> children_;  // of all tasks, one after the other
  std::vector<FanOutConversation> tasks_;
  std::vector<Conversation*> all_;
};

}  // namespace waitbench
