// process-per-connection: one process for each conversation.
//
// The oldest way to wait for many: fork, and let each copy of the program run the blocking loop for
// one connection. A whole address space remembers where we were, so nothing is shared by accident
// and a crash ends one conversation only. A switch is the scheduler's, as between threads, and
// changes the address space, too. A process costs some hundred KiB, most of it page
// tables and copies of pages that both have written to; pid_max and memory limit their number.
#include "impls/kernel/models.hpp"

#include "impls/kernel/blocking_channel.hpp"
#include "impls/lib/children.hpp"

namespace waitbench {
namespace {

class ProcessPerConnection : public Model {
 public:
  ProcessPerConnection(std::span<Conversation* const> conversations, const Settings& settings)
      : conversations_(conversations), depth_(settings.depth) {}

  void run() override {
    Children children;
    for (Conversation* conversation : conversations_)
      children.start([this, conversation] { converse(*conversation, depth_, one_after_another); });
    children.wait_for_all();
  }

 private:
  std::span<Conversation* const> conversations_;
  std::size_t depth_;
};

}  // namespace

std::unique_ptr<Model> make_process_per_connection(std::span<Conversation* const> conversations,
                                                   const Settings& settings) {
  return std::make_unique<ProcessPerConnection>(conversations, settings);
}

}  // namespace waitbench
