// A pitfall: processes that ask a broker, and wait for its answers at one pipe, which they share.
//
// One pipe is made once, where a pipe for each query is made, passed on and closed again, so it
// costs less than half as many system calls; and as long as one process asks at a time, all is
// well. With two, an answer is read by whoever comes first. Nothing in it is wrong, it is only not
// theirs: a user sees what belongs to another one, and the other one waits for ever.
#include "impls/pitfalls/models.hpp"

#include "impls/kernel/broker.hpp"

namespace waitbench {
namespace {

class SharedPipe : public BrokerWithThreads {
 public:
  using BrokerWithThreads::BrokerWithThreads;

 private:
  std::optional<BrokerAnswer> ask(const BrokerTask& task,
                                  const BrokerQueue::PutEnd& queue) override {
    if (!queue.put(task, answers_.writes.get())) return std::nullopt;
    return read_message<BrokerAnswer>(answers_.reads.get());  // here
  }

  Pipe answers_ = make_pipe();
};

}  // namespace

std::unique_ptr<Model> make_shared_pipe(std::span<Conversation* const> conversations,
                                        const Settings& settings) {
  return std::make_unique<SharedPipe>(conversations, settings);
}

}  // namespace waitbench
