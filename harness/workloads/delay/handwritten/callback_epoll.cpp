// The delay query by hand, as callbacks on epoll: level-triggered, since a reply is read in one go.
#include "harness/workloads/delay/handwritten/epoll.hpp"

namespace waitbench {
namespace {

class HandwrittenCallbackEpoll : public Model {
 public:
  explicit HandwrittenCallbackEpoll(const TrialContext& context)
      : connections_(connect_all(context)) {}

  void run() override {
    for (HandwrittenConnection& connection : connections_) {
      epoll_.watch(connection.socket.get(), &connection);
      ask(connection);
    }
    while (live_ > 0)
      epoll_.wait(
          [this](void* whose) { on_readable(*static_cast<HandwrittenConnection*>(whose)); });
  }

 private:
  void ask(HandwrittenConnection& connection) {
    if (connection.client.finished() || !connection.send_request()) close(connection);
  }

  void on_readable(HandwrittenConnection& connection) {
    switch (connection.receive(MSG_DONTWAIT)) {
      case DelayClient::Progress::incomplete: break;
      case DelayClient::Progress::complete: ask(connection); break;
      case DelayClient::Progress::wrong: close(connection); break;
    }
  }

  void close(HandwrittenConnection& connection) {
    connection.socket.reset();
    --live_;
  }

  std::deque<HandwrittenConnection> connections_;
  std::size_t live_ = connections_.size();
  HandwrittenEpoll epoll_;
};

}  // namespace

std::unique_ptr<Model> make_handwritten_callback_epoll(const TrialContext& context) {
  return std::make_unique<HandwrittenCallbackEpoll>(context);
}

}  // namespace waitbench
