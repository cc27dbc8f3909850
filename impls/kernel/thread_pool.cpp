// thread-pool: a fixed number of kernel threads over a queue of tasks.
//
// A task is one query: whichever thread is free takes the conversation that has waited longest,
// does one query of it with blocking calls, and puts it back at the end of the queue. During a task
// the thread's stack remembers where we were; between tasks there is nothing to remember. As many
// queries are in flight as there are threads, so their number must be chosen well: with too few,
// queries wait in the queue; with too many, it is thread-per-connection. A task costs a lock, in
// addition to the switch that every reply costs. To join others is to put them in the queue; who
// does the last of them goes on with the task that waits, which keeps no thread meanwhile.
#include "impls/kernel/models.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

#include "impls/kernel/blocking_channel.hpp"
#include "impls/lib/threads.hpp"

namespace waitbench {
namespace {

struct PooledTask : TaskRunner {
  PooledTask(Conversation& conversation, std::size_t depth, std::span<BlockingChannel> shared,
             PooledTask* joined_by = nullptr)
      : TaskRunner(conversation, depth, shared), parent(joined_by) {}

  PooledTask* parent;
  std::vector<std::unique_ptr<PooledTask>> joined;  // kept for the next join, with connections
  std::size_t left = 0;                             // of those, the ones that are not done
};

// First come, first served.
class TaskQueue {
 public:
  void put(PooledTask& task) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(&task);
    }
    changed_.notify_one();
  }

  // Waits for the next. Null once the queue was closed.
  PooledTask* take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return nullptr;
    PooledTask* const first = waiting_.front();
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
  std::deque<PooledTask*> waiting_;
  bool closed_ = false;
};

class ThreadPool : public Model {
 public:
  ThreadPool(std::span<Conversation* const> conversations, const Settings& settings)
      : conversations_(conversations),
        settings_(settings),
        shared_(settings.shared_connections),
        live_(conversations.size()) {}

  void run() override {
    std::vector<std::jthread> workers;
    failure_.keep_of([&] {
      for (std::size_t i = 0; i < settings_.workers; ++i) start(workers);
      for (Conversation* conversation : conversations_) {
        const std::lock_guard lock(mutex_);
        proceed(tasks_.emplace_back(*conversation, settings_.depth, shared_));
      }
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
    while (PooledTask* task = queue_.take()) {
      task->perform_task();
      if (!task->done() && task->children().empty()) {
        queue_.put(*task);
      } else {
        const std::lock_guard lock(mutex_);
        proceed(*task);
      }
    }
  }

  // What becomes of a task that has begun or ended, or joins others: all of it under one lock, so
  // that the children of tasks stand in the queue in the order in which these have asked for them.
  void proceed(PooledTask& task) {
    if (!task.children().empty()) {
      if (start_children(task)) go_on(task);
    } else if (!task.done()) {
      queue_.put(task);
    } else if (task.parent != nullptr) {
      if (--task.parent->left == 0) go_on(*task.parent);
    } else if (--live_ == 0) {
      queue_.close();
    }
  }

  void go_on(PooledTask& task) {
    task.go_on();
    proceed(task);
  }

  // Whether all of them are done already. Meanwhile the task itself counts as one more.
  bool start_children(PooledTask& task) {
    const std::span<Conversation* const> children = task.children();
    task.left = children.size() + 1;
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (i < task.joined.size())
        task.joined[i]->go_on();
      else
        task.joined.push_back(
            std::make_unique<PooledTask>(*children[i], settings_.depth, shared_, &task));
      proceed(*task.joined[i]);
    }
    return --task.left == 0;
  }

  std::span<Conversation* const> conversations_;
  Settings settings_;
  std::vector<BlockingChannel> shared_;
  std::mutex mutex_;
  std::deque<PooledTask> tasks_;  // which do not move
  std::size_t live_;
  TaskQueue queue_;
  FirstFailure failure_;
};

}  // namespace

std::unique_ptr<Model> make_thread_pool(std::span<Conversation* const> conversations,
                                        const Settings& settings) {
  return std::make_unique<ThreadPool>(conversations, settings);
}

}  // namespace waitbench
