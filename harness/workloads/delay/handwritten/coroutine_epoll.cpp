// The delay query by hand, as coroutines on epoll: straight-line code that waits for readability.
#include <coroutine>

#include "harness/workloads/delay/handwritten/epoll.hpp"
#include "impls/lib/task.hpp"

namespace waitbench {
namespace {

struct Slot {
  HandwrittenConnection* connection = nullptr;
  Task<> task;
  std::coroutine_handle<> waiter;
};

struct Readable {
  Slot& slot;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { slot.waiter = waiter; }
  void await_resume() const {}
};

Task<> converse(Slot& slot) {
  HandwrittenConnection& connection = *slot.connection;
  while (!connection.client.finished() && connection.send_request()) {
    DelayClient::Progress progress;
    do {
      co_await Readable{slot};
      progress = connection.receive(MSG_DONTWAIT);
    } while (progress == DelayClient::Progress::incomplete);
    if (progress == DelayClient::Progress::wrong) break;
  }
  connection.socket.reset();
}

class HandwrittenCoroutineEpoll : public Model {
 public:
  explicit HandwrittenCoroutineEpoll(const TrialContext& context)
      : connections_(connect_all(context)), slots_(connections_.size()) {}

  void run() override {
    std::size_t live = slots_.size();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      Slot& slot = slots_[i];
      slot.connection = &connections_[i];
      epoll_.watch(slot.connection->socket.get(), &slot);
      slot.task = converse(slot);
      slot.task.start();
      live -= slot.task.done();
    }
    while (live > 0) {
      epoll_.wait([&live](void* whose) {
        Slot& slot = *static_cast<Slot*>(whose);
        slot.waiter.resume();
        live -= slot.task.done();
      });
    }
  }

 private:
  std::deque<HandwrittenConnection> connections_;
  std::deque<Slot> slots_;
  HandwrittenEpoll epoll_;
};

}  // namespace

std::unique_ptr<Model> make_handwritten_coroutine_epoll(const TrialContext& context) {
  return std::make_unique<HandwrittenCoroutineEpoll>(context);
}

}  // namespace waitbench
