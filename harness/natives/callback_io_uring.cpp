// The delay query by hand, as callbacks on io_uring: one submit-and-wait hands in all that was
// begun and brings all that has ended.
#include <liburing.h>

#include <array>

#include "harness/natives/natives.hpp"
#include "harness/workloads/delay/wire.hpp"

namespace waitbench {
namespace {

struct Talk {
  NativeConnection* connection = nullptr;
  bool asking = false;  // the operation under way is the send, else the recv
};

class NativeCallbackIoUring : public Model {
 public:
  explicit NativeCallbackIoUring(const Scene& scene)
      : connections_(connect_all(scene)), talks_(connections_.size()) {
    int made = set_up(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (made == -EINVAL) made = set_up(0);  // before Linux 6.1
    check(made);
  }
  ~NativeCallbackIoUring() override { io_uring_queue_exit(&ring_); }

  void run() override {
    for (std::size_t i = 0; i < talks_.size(); ++i) {
      talks_[i].connection = &connections_[i];
      ask(talks_[i]);
    }
    std::array<io_uring_cqe*, 256> ended;
    while (live_ > 0) {
      check(io_uring_submit_and_wait(&ring_, 1));
      const unsigned n = io_uring_peek_batch_cqe(&ring_, ended.data(), ended.size());
      for (unsigned i = 0; i < n; ++i)
        on_end(*static_cast<Talk*>(io_uring_cqe_get_data(ended[i])), ended[i]->res);
      io_uring_cq_advance(&ring_, n);
    }
  }

 private:
  int set_up(unsigned flags) {
    io_uring_params how{};
    how.flags = flags | IORING_SETUP_CQSIZE;
    how.cq_entries = 32 << 10;
    return io_uring_queue_init_params(1024, &ring_, &how);
  }

  static void check(int result) {
    if (result < 0 && result != -EINTR)
      throw std::system_error(-result, std::generic_category(), "io_uring");
  }

  io_uring_sqe* next_submission(Talk& talk, bool asking) {
    io_uring_sqe* free = io_uring_get_sqe(&ring_);
    if (free == nullptr) {
      check(io_uring_submit(&ring_));
      free = io_uring_get_sqe(&ring_);
    }
    talk.asking = asking;
    return free;
  }

  void ask(Talk& talk) {
    Client& client = talk.connection->client;
    if (client.finished()) return close(talk);
    const std::span<std::byte> request = client.ask();
    io_uring_sqe* send = next_submission(talk, true);
    io_uring_prep_send(send, talk.connection->socket.get(), request.data(), request.size(),
                       MSG_NOSIGNAL);
    io_uring_sqe_set_data(send, &talk);
  }

  void listen(Talk& talk) {
    const std::span<std::byte> room = talk.connection->client.room();
    io_uring_sqe* recv = next_submission(talk, false);
    io_uring_prep_recv(recv, talk.connection->socket.get(), room.data(), room.size(), 0);
    // What a read is for is seldom there yet; known to kernels that have the flag of set_up().
    if (ring_.flags & IORING_SETUP_DEFER_TASKRUN) recv->ioprio = IORING_RECVSEND_POLL_FIRST;
    io_uring_sqe_set_data(recv, &talk);
  }

  void on_end(Talk& talk, int moved) {
    Client& client = talk.connection->client;
    // A request is far smaller than an empty socket buffer, so it always goes out whole.
    if (moved <= 0 || (talk.asking && moved != static_cast<int>(sizeof(wire::Request)))) {
      client.lose(talk.asking ? "write" : "read", moved);
      return close(talk);
    }
    if (talk.asking) return listen(talk);
    switch (client.take(static_cast<std::size_t>(moved))) {
      case Client::Progress::incomplete: listen(talk); break;
      case Client::Progress::complete: ask(talk); break;
      case Client::Progress::wrong: close(talk); break;
    }
  }

  void close(Talk& talk) {
    talk.connection->socket.reset();
    --live_;
  }

  std::deque<NativeConnection> connections_;
  std::deque<Talk> talks_;
  std::size_t live_ = connections_.size();
  io_uring ring_;
};

}  // namespace

std::unique_ptr<Model> make_native_callback_io_uring(const Scene& scene) {
  return std::make_unique<NativeCallbackIoUring>(scene);
}

}  // namespace waitbench
