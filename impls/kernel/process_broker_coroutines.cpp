// process-broker-coroutines: the same broker with one thread: a coroutine for each query, on an
// epoll loop.
//
// The front ends do not see the difference. In the broker the queue is one more descriptor that the
// loop watches; a task that comes resumes the coroutine of its conversation, which writes the
// answer into the pipe when it has the reply. So in the broker a query costs no switch between
// threads, and with many in flight one wait of the loop finds several tasks and replies. What is
// left is the price of asking another process: the front end's switch, and the hand-over of a
// descriptor. The limits are those of processes, and the broker's descriptors.
#include "impls/kernel/broker.hpp"

#include <deque>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "impls/engines/epoll.hpp"
#include "impls/kernel/models.hpp"
#include "impls/lib/sync/waiter.hpp"
#include "impls/matrix.hpp"
#include "impls/styles/coroutine.hpp"

namespace waitbench {
namespace {

// A conversation as the broker keeps it: before each query its coroutine waits for a task.
class KeptConversation final : public Conversation, public Acquirable {
 public:
  KeptConversation(Conversation& conversation, RunQueue& run_queue)
      : conversation_(conversation), run_queue_(run_queue) {}

  Step resume(Outcome outcome) override {
    if (doing_ == Doing::waiting_for_task) {
      doing_ = Doing::task;
      return first_step_;
    }
    const Step next = conversation_.resume(outcome);
    const bool is_over = next.kind == StepKind::done;
    const bool is_within_task = doing_ == Doing::task && !next.begins_task && !is_over;
    if (is_within_task) return next;
    doing_ = is_over ? Doing::nothing_more : Doing::waiting_for_task;
    if (task_) answer(*std::exchange(task_, std::nullopt), is_over);
    if (is_over) return next;
    first_step_ = next;
    return Step::acquire(*this);
  }

  bool acquire(Waiter& coroutine) override {
    coroutine_ = &coroutine;
    return task_.has_value();
  }

  void give(BrokerQueue::Item task) {
    if (doing_ == Doing::nothing_more) return answer(task, true);
    if (task_) throw std::runtime_error("a front end has asked again before it was answered");
    task_ = std::move(task);
    if (coroutine_ != nullptr && doing_ == Doing::waiting_for_task) run_queue_.push(*coroutine_);
  }

 private:
  enum class Doing { nothing, waiting_for_task, task, nothing_more };

  Conversation& conversation_;
  RunQueue& run_queue_;
  Doing doing_ = Doing::nothing;
  Step first_step_;  // of the next task
  Waiter* coroutine_ = nullptr;
  std::optional<BrokerQueue::Item> task_;  // which is to be answered
};

// The end of the queue at which the loop waits for tasks. It is never done.
class TakesTasks final : public Conversation {
 public:
  TakesTasks(const BrokerQueue::TakeEnd& queue, std::deque<KeptConversation>& kept)
      : queue_(queue), kept_(kept) {}

  Step resume(Outcome outcome) override {
    if (outcome < 0)
      throw std::system_error(-outcome, std::generic_category(), "cannot wait for tasks");
    auto taken = queue_.try_take();
    for (; taken.item; taken = queue_.try_take()) {
      const std::uint32_t conversation = taken.item->message.conversation;
      kept_.at(conversation).give(*std::move(taken.item));
    }
    if (taken.has_ended) throw std::runtime_error("all front ends have ended before their queries");
    return Step::ready(queue_.descriptor(), Direction::read);
  }

 private:
  const BrokerQueue::TakeEnd& queue_;
  std::deque<KeptConversation>& kept_;
};

class ProcessBrokerCoroutines : public Broker {
 public:
  ProcessBrokerCoroutines(std::span<Conversation* const> conversations, const Settings& settings)
      : Broker(conversations), settings_(settings) {
    if (settings_.run_queue == nullptr) settings_.run_queue = &own_run_queue_;
    settings_.loops = 1;
    settings_.background = 1;
  }

 private:
  void serve(const BrokerQueue::TakeEnd& queue) override {
    std::deque<KeptConversation> kept;
    std::vector<Conversation*> all;
    for (Conversation* conversation : conversations())
      all.push_back(&kept.emplace_back(*conversation, *settings_.run_queue));
    TakesTasks takes_tasks(queue, kept);
    all.push_back(&takes_tasks);
    make_model<Coroutine, Epoll>(all, settings_)->run();
  }

  Settings settings_;
  RunQueue own_run_queue_;
};

}  // namespace

std::unique_ptr<Model> make_process_broker_coroutines(std::span<Conversation* const> conversations,
                                                      const Settings& settings) {
  return std::make_unique<ProcessBrokerCoroutines>(conversations, settings);
}

}  // namespace waitbench
