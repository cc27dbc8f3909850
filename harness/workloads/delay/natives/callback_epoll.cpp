// The delay query by hand, as callbacks on epoll: level-triggered, since a reply is read in one go.
#include "harness/workloads/delay/natives/epoll.hpp"

namespace waitbench {
namespace {

class NativeCallbackEpoll : public Model {
 public:
  explicit NativeCallbackEpoll(const Scene& scene) : connections_(connect_all(scene)) {}

  void run() override {
    for (NativeConnection& connection : connections_) {
      epoll_.watch(connection.socket.get(), &connection);
      ask(connection);
    }
    while (live_ > 0)
      epoll_.wait([this](void* whose) { on_readable(*static_cast<NativeConnection*>(whose)); });
  }

 private:
  void ask(NativeConnection& connection) {
    if (connection.client.finished() || !connection.send_request()) close(connection);
  }

  void on_readable(NativeConnection& connection) {
    switch (connection.receive(MSG_DONTWAIT)) {
      case Client::Progress::incomplete: break;
      case Client::Progress::complete: ask(connection); break;
      case Client::Progress::wrong: close(connection); break;
    }
  }

  void close(NativeConnection& connection) {
    connection.socket.reset();
    --live_;
  }

  std::deque<NativeConnection> connections_;
  std::size_t live_ = connections_.size();
  NativeEpoll epoll_;
};

}  // namespace

std::unique_ptr<Model> make_native_callback_epoll(const Scene& scene) {
  return std::make_unique<NativeCallbackEpoll>(scene);
}

}  // namespace waitbench
