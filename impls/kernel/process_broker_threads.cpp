// process-broker-threads: a process that owns the connections, with a thread for each query; other
// processes put their queries on its queue.
//
// As a web server's processes share the connections of a database: none of them connects, and a
// daemon, the broker, keeps the connections open. In the broker whichever thread is free takes the
// next task from the queue, does one query with blocking calls, and writes the answer into the pipe
// that came with the task. Where a query was is in the stack of that thread, and in that of the
// front end, which sleeps meanwhile. A query costs, on top of the switch that its reply costs, two
// switches between processes, and the hand-over of a descriptor: a pipe that is made, passed on by
// the kernel and closed on both sides. The limits are those of threads and of processes together,
// and the broker's descriptors: two for each query, the connection and the pipe.
#include "impls/kernel/broker.hpp"

#include <deque>
#include <mutex>
#include <vector>

#include "impls/kernel/blocking_channel.hpp"
#include "impls/kernel/models.hpp"
#include "impls/lib/threads.hpp"

namespace waitbench {
namespace {

// A conversation as the broker keeps it. What one thread has left of it, the next one finds: they
// know of each other by a queue and a pipe through another process, which the language does not
// count, and so by a lock, which is always free.
class KeptConversation {
 public:
  KeptConversation(Conversation& conversation, std::size_t depth, std::span<BlockingChannel> shared)
      : runner_(conversation, depth, shared) {}

  void perform(const BrokerQueue::Item& task) {
    const std::lock_guard lock(mutex_);
    if (!runner_.done()) runner_.perform_task();
    answer(task, runner_.done());
  }

 private:
  std::mutex mutex_;
  TaskRunner runner_;
};

}  // namespace

void BrokerWithThreads::serve(const BrokerQueue::TakeEnd& queue) {
  std::vector<BlockingChannel> shared(settings_.shared_connections);
  std::deque<KeptConversation> kept;
  for (Conversation* conversation : conversations())
    kept.emplace_back(*conversation, settings_.depth, shared);
  run_in_threads(kept.size(), [&](std::size_t) {
    try {
      while (const auto task = queue.take()) kept.at(task->message.conversation).perform(*task);
    } catch (const std::exception& error) {
      end_process(error);  // the others would wait for tasks for ever
    }
  });
}

std::unique_ptr<Model> make_process_broker_threads(std::span<Conversation* const> conversations,
                                                   const Settings& settings) {
  return std::make_unique<BrokerWithThreads>(conversations, settings);
}

}  // namespace waitbench
