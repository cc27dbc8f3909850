// thread-pool: a fixed number of kernel threads over a queue of tasks.
//
// A task is one query: whichever thread is free takes the conversation that has waited longest,
// does one query of it with blocking calls, and puts it back at the end of the queue. During a task
// the thread's stack remembers where we were; between tasks there is nothing to remember. As many
// queries are in flight as there are threads, so their number must be chosen well: with too few,
// queries wait in the queue; with too many, it is thread-per-connection. A task costs a lock, in
// addition to the switch that every reply costs.
#include "impls/kernel/models.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "impls/kernel/blocking_channel.hpp"
#include "impls/lib/threads.hpp"

namespace waitbench {
namespace {

// First come, first served.
class TaskQueue {
 public:
  void put(TaskRunner& runner) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(&runner);
    }
    changed_.notify_one();
  }

  // Waits for the next. Null once the queue was closed.
  TaskRunner* take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return nullptr;
    TaskRunner* const first = waiting_.front();
    waiting_.pop_front();
    return first;
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<TaskRunner*> waiting_;
  bool closed_ = false;
};

class ThreadPool : public Model {
 public:
  ThreadPool(std::span<Conversation* const> conversations, const Settings& settings)
      : conversations_(conversations), settings_(settings), live_(conversations.size()) {}

  void run() override {
    std::vector<std::jthread> workers;
    failure_.keep_of([&] {
      for (std::size_t i = 0; i < settings_.workers; ++i) start(workers);
      for (Conversation* conversation : conversations_)
        queue_.put(runners_.emplace_back(*conversation, settings_.depth));
    });
    if (failure_.any()) queue_.close();
    workers.clear();  // joins them
    failure_.rethrow();
  }

 private:
  void start(std::vector<std::jthread>& workers) try {
    workers.emplace_back([this] {
      failure_.keep_of([this] { work(); });
      queue_.close();  // it is closed already, unless work() has failed
    });
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), "cannot start a thread");
  }

  void work() {
    while (TaskRunner* runner = queue_.take()) {
      runner->perform_task();
      if (!runner->done())
        queue_.put(*runner);
      else if (--live_ == 0)
        queue_.close();
    }
  }

  std::span<Conversation* const> conversations_;
  Settings settings_;
  std::deque<TaskRunner> runners_;  // which do not move
  std::atomic<std::size_t> live_;
  TaskQueue queue_;
  FirstFailure failure_;
};

}  // namespace

std::unique_ptr<Model> make_thread_pool(std::span<Conversation* const> conversations,
                                        const Settings& settings) {
  return std::make_unique<ThreadPool>(conversations, settings);
}

}  // namespace waitbench
