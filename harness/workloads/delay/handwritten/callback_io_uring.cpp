// The delay query by hand, as callbacks on io_uring: one submit-and-wait hands in all that was
// begun and brings all that has ended, and each connection goes on to receive.
#include <algorithm>

#include "harness/workloads/delay/handwritten/handwritten.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "impls/lib/io_uring_queue.hpp"
#include "impls/lib/receive_buffers.hpp"

namespace waitbench {
namespace {

struct Slot {
  HandwrittenConnection* connection = nullptr;  // null: it is over
  ReceiveBuffers::Queue received;
  bool receiving = false;  // the kernel goes on to receive
};

class HandwrittenCallbackIoUring : public Model {
 public:
  explicit HandwrittenCallbackIoUring(const TrialContext& context)
      : connections_(connect_all(context)), slots_(connections_.size()) {
    goes_on_ = queue_.knows_multishot() && buffers_.offer_to(queue_.get()) == 0;
  }

  void run() override {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      slots_[i].connection = &connections_[i];
      ask(slots_[i]);
    }
    while (live_ > 0) {
      queue_.submit_and_wait();
      queue_.take_completions([this](const io_uring_cqe& ended) {
        const __u64 tag = io_uring_cqe_get_data64(&ended);
        Slot& slot = *reinterpret_cast<Slot*>(tag & ~receiving_bit);
        if (slot.connection == nullptr) return;
        if (tag & receiving_bit) {
          on_received(slot, ended);
        } else {
          on_sent(slot, ended.res);
        }
      });
    }
  }

 private:
  static constexpr __u64 receiving_bit = 1;  // of the tag of an operation: a recv, else a send

  void ask(Slot& slot) {
    DelayClient& client = slot.connection->client;
    if (client.finished()) return close(slot);
    const std::span<std::byte> request = client.ask();
    io_uring_sqe& send = queue_.next_submission();
    io_uring_prep_send(&send, slot.connection->socket.get(), request.data(), request.size(),
                       MSG_NOSIGNAL);
    io_uring_sqe_set_data64(&send, reinterpret_cast<__u64>(&slot));
  }

  // A request is far smaller than an empty socket buffer, so it always goes out whole.
  void on_sent(Slot& slot, int moved) {
    if (moved != static_cast<int>(sizeof(wire::Request))) {
      slot.connection->client.lose("write", std::min(moved, 0));
      return close(slot);
    }
    if (!slot.receiving) listen(slot);
  }

  void listen(Slot& slot) {
    io_uring_sqe& recv = queue_.next_submission();
    const int socket = slot.connection->socket.get();
    slot.receiving = goes_on_;
    if (goes_on_) {
      io_uring_prep_recv_multishot(&recv, socket, nullptr, 0, 0);
      recv.flags |= IOSQE_BUFFER_SELECT;
      recv.buf_group = ReceiveBuffers::group;
    } else {
      const std::span<std::byte> space = slot.connection->client.buffer_space();
      io_uring_prep_recv(&recv, socket, space.data(), space.size(), 0);
      if (queue_.knows_poll_first()) recv.ioprio = IORING_RECVSEND_POLL_FIRST;
    }
    io_uring_sqe_set_data64(&recv, reinterpret_cast<__u64>(&slot) | receiving_bit);
  }

  void on_received(Slot& slot, const io_uring_cqe& ended) {
    slot.receiving = ended.flags & IORING_CQE_F_MORE;
    if (ended.res == -ENOBUFS) return listen(slot);
    DelayClient& client = slot.connection->client;
    if (ended.res <= 0) {
      client.lose("read", ended.res);
      return close(slot);
    }
    if ((ended.flags & IORING_CQE_F_BUFFER) == 0) return take(slot, ended.res);
    buffers_.append(slot.received, ended.flags >> IORING_CQE_BUFFER_SHIFT, ended.res);
    while (slot.connection != nullptr && !slot.received.empty()) {
      const std::span<std::byte> space = client.buffer_space();
      take(slot, buffers_.take(slot.received, space.data(), space.size()));
    }
  }

  void take(Slot& slot, std::size_t bytes) {
    switch (slot.connection->client.take(bytes)) {
      case DelayClient::Progress::incomplete:
        if (!slot.receiving) listen(slot);
        break;
      case DelayClient::Progress::complete: ask(slot); break;
      case DelayClient::Progress::wrong: close(slot); break;
    }
  }

  // The kernel may still hold the socket, until the ring goes.
  void close(Slot& slot) {
    buffers_.drop_all(slot.received);
    slot.connection->socket.reset();
    slot.connection = nullptr;
    --live_;
  }

  std::deque<HandwrittenConnection> connections_;
  std::deque<Slot> slots_;
  std::size_t live_ = connections_.size();
  ReceiveBuffers buffers_;
  IoUringQueue queue_;
  bool goes_on_ = false;  // a receive
};

}  // namespace

std::unique_ptr<Model> make_handwritten_callback_io_uring(const TrialContext& context) {
  return std::make_unique<HandwrittenCallbackIoUring>(context);
}

}  // namespace waitbench
