// The delay query by hand, as callbacks on libuv: reading never stops, and each read goes straight
// into the client's buffer.
#include <uv.h>

#include <csignal>

#include "harness/workloads/delay/handwritten/handwritten.hpp"

namespace waitbench {
namespace {

union Stream {
  uv_handle_t handle;
  uv_stream_t any;
  uv_tcp_t tcp;
  uv_pipe_t pipe;
};

class HandwrittenCallbackLibuv : public Model {
 public:
  explicit HandwrittenCallbackLibuv(const TrialContext& context)
      : connections_(connect_all(context)), streams_(connections_.size()) {
    std::signal(SIGPIPE, SIG_IGN);
    check(uv_loop_init(&loop_));
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      open(streams_[i], connections_[i].socket, context.backend.is_unix());
      streams_[i].handle.data = &connections_[i];
    }
  }
  ~HandwrittenCallbackLibuv() override {
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
  }

  void run() override {
    for (Stream& stream : streams_) {
      check(uv_read_start(&stream.any, lend_space, on_read));
      ask(stream.any);
    }
    uv_run(&loop_, UV_RUN_DEFAULT);
  }

 private:
  void open(Stream& stream, Descriptor& socket, bool over_unix) {
    check(over_unix ? uv_pipe_init(&loop_, &stream.pipe, 0) : uv_tcp_init(&loop_, &stream.tcp));
    check(over_unix ? uv_pipe_open(&stream.pipe, socket.get())
                    : uv_tcp_open(&stream.tcp, socket.get()));
    socket.release();
  }

  static void check(int error) {
    if (error != 0) throw std::system_error(-error, std::generic_category(), "libuv");
  }

  // A request is far smaller than an empty socket buffer, so it always goes out whole.
  static void ask(uv_stream_t& stream) {
    DelayClient& client = static_cast<HandwrittenConnection*>(stream.data)->client;
    if (client.finished()) return close(stream);
    const std::span<std::byte> request = client.ask();
    const uv_buf_t bytes =
        uv_buf_init(reinterpret_cast<char*>(request.data()), static_cast<unsigned>(request.size()));
    const int sent = uv_try_write(&stream, &bytes, 1);
    if (sent == static_cast<int>(request.size())) return;
    client.lose("write", sent < 0 ? sent : -EPROTO);
    close(stream);
  }

  static void lend_space(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    const std::span<std::byte> space =
        static_cast<HandwrittenConnection*>(handle->data)->client.buffer_space();
    *buffer =
        uv_buf_init(reinterpret_cast<char*>(space.data()), static_cast<unsigned>(space.size()));
  }

  static void on_read(uv_stream_t* stream, ssize_t got, const uv_buf_t*) {
    DelayClient& client = static_cast<HandwrittenConnection*>(stream->data)->client;
    if (got == 0) return;
    if (got < 0) {
      client.lose("read", got == UV_EOF ? 0 : static_cast<int>(got));
      return close(*stream);
    }
    switch (client.take(static_cast<std::size_t>(got))) {
      case DelayClient::Progress::incomplete: break;
      case DelayClient::Progress::complete: ask(*stream); break;
      case DelayClient::Progress::wrong: close(*stream); break;
    }
  }

  static void close(uv_stream_t& stream) {
    uv_close(reinterpret_cast<uv_handle_t*>(&stream), nullptr);
  }

  std::deque<HandwrittenConnection> connections_;
  std::deque<Stream> streams_;
  uv_loop_t loop_;
};

}  // namespace

std::unique_ptr<Model> make_handwritten_callback_libuv(const TrialContext& context) {
  return std::make_unique<HandwrittenCallbackLibuv>(context);
}

}  // namespace waitbench
