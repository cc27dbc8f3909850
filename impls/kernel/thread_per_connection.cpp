// thread-per-connection: one kernel thread for each conversation.
//
// Each thread runs the blocking loop, and waits in the kernel for its own connection only. The
// thread's stack remembers where we were; the scheduler decides who goes on. A switch is a trip
// through the scheduler (about a microsecond, more across CPUs), and every reply costs one. A
// thread costs a stack and kernel memory (some 8 KiB of user memory touched, and as much again
// several times over in the kernel), and their number is limited by threads-max, pid_max and
// vm.max_map_count. Children are threads, too: each is started and joined for one task.
#include "impls/kernel/models.hpp"

#include <vector>

#include "impls/kernel/blocking_channel.hpp"
#include "impls/lib/threads.hpp"

namespace waitbench {
namespace {

class ThreadPerConnection : public Model {
 public:
  ThreadPerConnection(std::span<Conversation* const> conversations, const Settings& settings)
      : conversations_(conversations),
        shared_(settings.shared_connections),
        depth_(settings.depth) {}

  // No conversation begins before each has its thread.
  void run() override {
    const auto in_threads = [](std::size_t number, const auto& body) {
      run_in_threads(number, body);
    };
    run_in_threads(conversations_.size(), [&](std::size_t i) {
      converse(*conversations_[i], depth_, in_threads, shared_);
    });
  }

 private:
  std::span<Conversation* const> conversations_;
  std::vector<BlockingChannel> shared_;
  std::size_t depth_;
};

}  // namespace

std::unique_ptr<Model> make_thread_per_connection(std::span<Conversation* const> conversations,
                                                  const Settings& settings) {
  return std::make_unique<ThreadPerConnection>(conversations, settings);
}

}  // namespace waitbench
