// The delay query by hand with blocking calls: on the caller's stack, and with a thread for each.
#include "harness/workloads/delay/natives/natives.hpp"
#include "impls/lib/threads.hpp"

namespace waitbench {
namespace {

void converse(NativeConnection& connection) {
  while (!connection.client.finished()) {
    if (!connection.send_request()) return;
    Client::Progress progress;
    do progress = connection.receive(0);
    while (progress == Client::Progress::incomplete);
    if (progress == Client::Progress::wrong) return;
  }
}

class NativeBlocking : public Model {
 public:
  explicit NativeBlocking(const Scene& scene) : connections_(connect_all(scene)) {}

  void run() override {
    for (NativeConnection& connection : connections_) converse(connection);
  }

 private:
  std::deque<NativeConnection> connections_;
};

class NativeThreadPerConnection : public Model {
 public:
  explicit NativeThreadPerConnection(const Scene& scene) : connections_(connect_all(scene)) {}

  void run() override {
    run_in_threads(connections_.size(), [this](std::size_t i) { converse(connections_[i]); });
  }

 private:
  std::deque<NativeConnection> connections_;
};

}  // namespace

std::unique_ptr<Model> make_native_blocking(const Scene& scene) {
  return std::make_unique<NativeBlocking>(scene);
}

std::unique_ptr<Model> make_native_thread_per_connection(const Scene& scene) {
  return std::make_unique<NativeThreadPerConnection>(scene);
}

}  // namespace waitbench
