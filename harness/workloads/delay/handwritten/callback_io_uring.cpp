// The delay query by hand, as callbacks on io_uring: one submit-and-wait hands in all that was
// begun and brings all that has ended, and each connection goes on to receive.
#include <algorithm>

#include "harness/workloads/delay/handwritten/handwritten.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "impls/lib/receive_buffers.hpp"
#include "impls/lib/io_uring_queue.hpp"

namespace waitbench {
namespace {

struct Talk {
  HandwrittenConnection* connection = nullptr;  // null: it is over
  ReceiveBuffers::Queue received;
  bool receiving = false;  // the kernel goes on to receive
};

class HandwrittenCallbackIoUring : public Model {
 public:
  explicit HandwrittenCallbackIoUring(const TrialContext& context)
      : connections_(connect_all(context)), talks_(connections_.size()) {
    goes_on_ = queue_.knows_multishot() && buffers_.offer_to(queue_.get()) == 0;
  }

  void run() override {
    for (std::size_t i = 0; i < talks_.size(); ++i) {
      talks_[i].connection = &connections_[i];
      ask(talks_[i]);
    }
    while (live_ > 0) {
      queue_.submit_and_wait();
      queue_.take_completions([this](const io_uring_cqe& ended) {
        const __u64 tag = io_uring_cqe_get_data64(&ended);
        Talk& talk = *reinterpret_cast<Talk*>(tag & ~receiving_bit);
        if (talk.connection == nullptr) return;
        if (tag & receiving_bit) {
          on_received(talk, ended);
        } else {
          on_sent(talk, ended.res);
        }
      });
    }
  }

 private:
  static constexpr __u64 receiving_bit = 1;  // of the tag of an operation: a recv, else a send

  void ask(Talk& talk) {
    Client& client = talk.connection->client;
    if (client.finished()) return close(talk);
    const std::span<std::byte> request = client.ask();
    io_uring_sqe& send = queue_.next_submission();
    io_uring_prep_send(&send, talk.connection->socket.get(), request.data(), request.size(),
                       MSG_NOSIGNAL);
    io_uring_sqe_set_data64(&send, reinterpret_cast<__u64>(&talk));
  }

  // A request is far smaller than an empty socket buffer, so it always goes out whole.
  void on_sent(Talk& talk, int moved) {
    if (moved != static_cast<int>(sizeof(wire::Request))) {
      talk.connection->client.lose("write", std::min(moved, 0));
      return close(talk);
    }
    if (!talk.receiving) listen(talk);
  }

  void listen(Talk& talk) {
    io_uring_sqe& recv = queue_.next_submission();
    const int socket = talk.connection->socket.get();
    talk.receiving = goes_on_;
    if (goes_on_) {
      io_uring_prep_recv_multishot(&recv, socket, nullptr, 0, 0);
      recv.flags |= IOSQE_BUFFER_SELECT;
      recv.buf_group = ReceiveBuffers::group;
    } else {
      const std::span<std::byte> room = talk.connection->client.room();
      io_uring_prep_recv(&recv, socket, room.data(), room.size(), 0);
      if (queue_.knows_poll_first()) recv.ioprio = IORING_RECVSEND_POLL_FIRST;
    }
    io_uring_sqe_set_data64(&recv, reinterpret_cast<__u64>(&talk) | receiving_bit);
  }

  void on_received(Talk& talk, const io_uring_cqe& ended) {
    talk.receiving = ended.flags & IORING_CQE_F_MORE;
    if (ended.res == -ENOBUFS) return listen(talk);
    Client& client = talk.connection->client;
    if (ended.res <= 0) {
      client.lose("read", ended.res);
      return close(talk);
    }
    if ((ended.flags & IORING_CQE_F_BUFFER) == 0) return hear(talk, ended.res);
    buffers_.append(talk.received, ended.flags >> IORING_CQE_BUFFER_SHIFT, ended.res);
    while (talk.connection != nullptr && !talk.received.empty()) {
      const std::span<std::byte> room = client.room();
      hear(talk, buffers_.take(talk.received, room.data(), room.size()));
    }
  }

  void hear(Talk& talk, std::size_t bytes) {
    switch (talk.connection->client.take(bytes)) {
      case Client::Progress::incomplete:
        if (!talk.receiving) listen(talk);
        break;
      case Client::Progress::complete: ask(talk); break;
      case Client::Progress::wrong: close(talk); break;
    }
  }

  // The kernel may still hold the socket, until the ring goes.
  void close(Talk& talk) {
    buffers_.drop_all(talk.received);
    talk.connection->socket.reset();
    talk.connection = nullptr;
    --live_;
  }

  std::deque<HandwrittenConnection> connections_;
  std::deque<Talk> talks_;
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
