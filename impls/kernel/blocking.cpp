// blocking: one thread, one conversation after another.
//
// The caller waits for every step, in the kernel, and nothing else happens until it is done. The
// call stack remembers where we were. There is never more than one query in flight, so throughput
// is one query per round trip on any machine. A switch is the kernel putting the thread to sleep
// and waking it: one per reply. It is the reference: the least code, the least memory, and no
// concurrency. Who asks several at once is answered one after another here.
#include "impls/kernel/models.hpp"

#include <vector>

#include "impls/kernel/blocking_channel.hpp"

namespace waitbench {
namespace {

class Blocking : public Model {
 public:
  Blocking(std::span<Conversation* const> conversations, const Settings& settings)
      : conversations_(conversations),
        shared_(settings.shared_connections),
        depth_(settings.depth) {}

  void run() override {
    for (Conversation* conversation : conversations_)
      converse(*conversation, depth_, one_after_another, shared_);
  }

 private:
  std::span<Conversation* const> conversations_;
  std::vector<BlockingChannel> shared_;
  std::size_t depth_;
};

}  // namespace

std::unique_ptr<Model> make_blocking(std::span<Conversation* const> conversations,
                                     const Settings& settings) {
  return std::make_unique<Blocking>(conversations, settings);
}

}  // namespace waitbench
