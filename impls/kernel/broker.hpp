// What both brokers have in common: the front ends, and what lies on the queue.
//
//   front end --task, and the pipe for its answer--> queue --> broker --query, reply--> backend
//       ^                                                         |
//       +------------------------------ pipe ---------------------+
//
// A front end is a process that asks. It owns no connection: for each query it makes a pipe, puts
// its task and the end to write into on the queue, and waits at the other end until the answer is
// there. A pipe belongs to one task, so an answer cannot reach anybody else, and who waits learns
// from the end of the pipe when there will be none. The broker owns the connections and says the
// queries: the state of a conversation, and its reply, stay in its memory. What goes through the
// pipe is word of the reply, and whether the conversation goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>

#include "impls/conversation.hpp"
#include "impls/lib/descriptor_queue.hpp"
#include "impls/lib/pipe.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

// The next query of a conversation.
struct BrokerTask {
  std::uint32_t conversation;
  std::uint32_t number;  // of this conversation's tasks

  bool operator==(const BrokerTask&) const = default;
};

struct BrokerAnswer {
  BrokerTask task;         // to which it is the answer
  std::uint32_t was_last;  // whether the conversation has ended
};

using BrokerQueue = DescriptorQueue<BrokerTask>;

// To whoever waits at the other end of the pipe that came with the task.
void answer(const BrokerQueue::Item& task, bool was_last);

// A front end's way to have one task done. Empty when there will be no answer.
std::optional<BrokerAnswer> ask_by_own_pipe(const BrokerTask& task,
                                            const BrokerQueue::PutEnd& queue);

class Broker : public Model {
 public:
  explicit Broker(std::span<Conversation* const> conversations) : conversations_(conversations) {}

  // Starts the broker's process and then the front ends, one for each conversation.
  void run() final;

 protected:
  std::span<Conversation* const> conversations() const { return conversations_; }

  // To be called in the broker's process or a front end's, by any of its threads: ends the process,
  // and why is what run() throws.
  [[noreturn]] void end_process(const std::exception& why) const;

 private:
  // In the broker's process: does the tasks of the queue, until there will be no more.
  virtual void serve(const BrokerQueue::TakeEnd& queue) = 0;

  // In a front end's process.
  virtual std::optional<BrokerAnswer> ask(const BrokerTask& task,
                                          const BrokerQueue::PutEnd& queue) {
    return ask_by_own_pipe(task, queue);
  }
  void ask_until_over(std::uint32_t conversation, const BrokerQueue::PutEnd& queue);

  // A child's function, of which what it throws is not lost.
  std::function<void()> telling_why(const char* who, std::function<void()> body);

  std::span<Conversation* const> conversations_;
  Pipe reasons_ = make_pipe();  // of processes that have failed
  const char* who_ = "";        // this process is
};

// One with a thread for each conversation, of which any takes the next task.
class BrokerWithThreads : public Broker {
 public:
  BrokerWithThreads(std::span<Conversation* const> conversations, const Settings& settings)
      : Broker(conversations), settings_(settings) {}

 private:
  void serve(const BrokerQueue::TakeEnd& queue) final;

  Settings settings_;
};

}  // namespace waitbench
