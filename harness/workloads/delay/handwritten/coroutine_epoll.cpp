// The delay query by hand, as coroutines on epoll: straight-line code that waits for readability.
#include <coroutine>

#include "harness/workloads/delay/handwritten/epoll.hpp"
#include "impls/lib/task.hpp"

namespace waitbench {
namespace {

struct Strand {
  HandwrittenConnection* connection = nullptr;
  Task<> task;
  std::coroutine_handle<> waiter;
};

struct Readable {
  Strand& strand;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { strand.waiter = waiter; }
  void await_resume() const {}
};

Task<> converse(Strand& strand) {
  HandwrittenConnection& connection = *strand.connection;
  while (!connection.client.finished() && connection.send_request()) {
    Client::Progress progress;
    do {
      co_await Readable{strand};
      progress = connection.receive(MSG_DONTWAIT);
    } while (progress == Client::Progress::incomplete);
    if (progress == Client::Progress::wrong) break;
  }
  connection.socket.reset();
}

class HandwrittenCoroutineEpoll : public Model {
 public:
  explicit HandwrittenCoroutineEpoll(const TrialContext& context)
      : connections_(connect_all(context)), strands_(connections_.size()) {}

  void run() override {
    std::size_t live = strands_.size();
    for (std::size_t i = 0; i < strands_.size(); ++i) {
      Strand& strand = strands_[i];
      strand.connection = &connections_[i];
      epoll_.watch(strand.connection->socket.get(), &strand);
      strand.task = converse(strand);
      strand.task.start();
      live -= strand.task.done();
    }
    while (live > 0) {
      epoll_.wait([&live](void* whose) {
        Strand& strand = *static_cast<Strand*>(whose);
        strand.waiter.resume();
        live -= strand.task.done();
      });
    }
  }

 private:
  std::deque<HandwrittenConnection> connections_;
  std::deque<Strand> strands_;
  HandwrittenEpoll epoll_;
};

}  // namespace

std::unique_ptr<Model> make_handwritten_coroutine_epoll(const TrialContext& context) {
  return std::make_unique<HandwrittenCoroutineEpoll>(context);
}

}  // namespace waitbench
