// thread-per-connection: one kernel thread for each conversation.
//
// Each thread runs the blocking loop, and waits in the kernel for its own connection only. The
// thread's stack remembers where we were; the scheduler decides who goes on. A switch is a trip
// through the scheduler (about a microsecond, more across CPUs), and every reply costs one. A
// thread costs a stack and kernel memory (some 8 KiB of user memory touched, and as much again
// several times over in the kernel), and their number is limited by threads-max, pid_max and
// vm.max_map_count.
#include "impls/kernel/thread_per_connection.hpp"

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include "impls/kernel/blocking_channel.hpp"

namespace waitbench {
namespace {

class ThreadPerConnection : public Model {
 public:
  ThreadPerConnection(std::span<Conversation* const> talks, const Settings& settings)
      : talks_(talks), depth_(settings.depth) {}

  // Nobody speaks before there is a thread for each: should the machine refuse one, the others can
  // end, since they wait for us and not yet for a reply that may never come.
  void run() override {
    std::atomic<Start> start = Start::wait;
    std::vector<std::jthread> threads;
    threads.reserve(talks_.size());
    const auto tell_all = [&start](Start what) {
      start = what;
      start.notify_all();
    };
    try {
      for (Conversation* talk : talks_)
        threads.emplace_back([this, &start, talk] {
          start.wait(Start::wait);
          if (start == Start::go) converse(*talk, depth_);
        });
    } catch (const std::system_error& error) {
      tell_all(Start::give_up);
      throw std::system_error(error.code(), "cannot start a thread");
    }
    tell_all(Start::go);
  }

 private:
  enum class Start { wait, go, give_up };

  std::span<Conversation* const> talks_;
  std::size_t depth_;
};

}  // namespace

std::unique_ptr<Model> make_thread_per_connection(std::span<Conversation* const> talks,
                                                  const Settings& settings) {
  return std::make_unique<ThreadPerConnection>(talks, settings);
}

}  // namespace waitbench
