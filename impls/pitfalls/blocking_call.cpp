// A pitfall: coroutines on an event loop, one of whose steps is a blocking call.
//
// The call may hide deep in a library, which was written for threads: it waits for its own answer,
// in the kernel, and with it waits the thread, the loop, and everybody else's conversation. One
// such step is enough to have one query in flight, however many coroutines there are.
#include "impls/pitfalls/models.hpp"

#include <poll.h>

#include "impls/engines/epoll.hpp"
#include "impls/lib/ready_count.hpp"
#include "impls/loop.hpp"
#include "impls/styles/coroutine.hpp"

namespace waitbench {
namespace {

class BlocksInReads : public Epoll {
 public:
  std::optional<Outcome> start(Channel& channel, Step step) {
    if (step.kind != StepKind::read) return Epoll::start(channel, step);
    pollfd readable{.fd = channel.socket.get(), .events = POLLIN, .revents = 0};
    while (ready_count(poll(&readable, 1, -1), "poll") == 0) continue;  // here
    return transfer(channel.socket.get(), step);
  }
};

}  // namespace

std::unique_ptr<Model> make_blocking_call(std::span<Conversation* const> conversations,
                                          const Settings& settings) {
  return std::make_unique<Loop<Coroutine, BlocksInReads>>(conversations, settings);
}

}  // namespace waitbench
