// The delay query by hand with blocking calls: on the caller's stack, and with a thread for each.
#include "harness/workloads/delay/handwritten/handwritten.hpp"
#include "impls/lib/threads.hpp"

namespace waitbench {
namespace {

void converse(HandwrittenConnection& connection) {
  while (!connection.client.finished()) {
    if (!connection.send_request()) return;
    DelayClient::Progress progress;
    do progress = connection.receive(0);
    while (progress == DelayClient::Progress::incomplete);
    if (progress == DelayClient::Progress::wrong) return;
  }
}

class HandwrittenBlocking : public Model {
 public:
  explicit HandwrittenBlocking(const TrialContext& context) : connections_(connect_all(context)) {}

  void run() override {
    for (HandwrittenConnection& connection : connections_) converse(connection);
  }

 private:
  std::deque<HandwrittenConnection> connections_;
};

class HandwrittenThreadPerConnection : public Model {
 public:
  explicit HandwrittenThreadPerConnection(const TrialContext& context)
      : connections_(connect_all(context)) {}

  void run() override {
    run_in_threads(connections_.size(), [this](std::size_t i) { converse(connections_[i]); });
  }

 private:
  std::deque<HandwrittenConnection> connections_;
};

}  // namespace

std::unique_ptr<Model> make_handwritten_blocking(const TrialContext& context) {
  return std::make_unique<HandwrittenBlocking>(context);
}

std::unique_ptr<Model> make_handwritten_thread_per_connection(const TrialContext& context) {
  return std::make_unique<HandwrittenThreadPerConnection>(context);
}

}  // namespace waitbench
