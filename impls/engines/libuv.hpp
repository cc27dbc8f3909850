// libuv: the event loop of Node.js. We register callbacks, and it calls them with the results.
//
// Underneath is epoll, but we see neither readiness nor the recv: a stream that reads asks for a
// buffer, fills it, and calls back with the bytes. A wait is one system call for everything that is
// ready; on top of epoll, each read costs some bookkeeping and two indirect calls. Reading stays
// started between replies, since to stop and start it changes what the kernel watches. We stop it
// only when bytes come that no step waits for, and the kernel keeps them. A write is tried at once
// and queued when the socket is full. A connect or a write under way cannot be taken back: then the
// connection is closed, as it is when the time of any step is up. The limit is descriptors; timers
// count milliseconds. A wait that fails is not reported: libuv then ends the process.
#pragma once

#include <uv.h>

#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "impls/conversation.hpp"
#include "impls/engines/timers.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

class Libuv {
 public:
  static constexpr std::string_view name = "libuv", phrase = "a libuv loop";

  // A connection as libuv keeps it. It belongs to the loop until the loop has called forget(), some
  // time after uv_close(). `data` is its channel, and null once the channel has closed it.
  union Stream {
    uv_handle_t handle;
    uv_stream_t any;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
    uv_poll_t poll;  // of a library's descriptor
  };

  struct Channel : PendingStep {
    bool reading = false;  // libuv reads, whether or not a step waits for it
    int polling = 0;       // for what it watches a library's descriptor, in the same way
    Stream* stream = nullptr;
  };

  // libuv writes with write(2), which raises SIGPIPE when the peer has closed.
  Libuv() {
    std::signal(SIGPIPE, SIG_IGN);
    if (const int error = uv_loop_init(&loop_); error != 0)
      throw std::system_error(-error, std::generic_category(), "uv_loop_init");
    loop_.data = this;
    uv_timer_init(&loop_, &alarm_);
  }
  Libuv(const Libuv&) = delete;
  Libuv& operator=(const Libuv&) = delete;
  ~Libuv() {
    const auto close = [](uv_handle_t* handle, void*) {
      handle->data = nullptr;
      if (!uv_is_closing(handle)) uv_close(handle, handle->type == UV_TIMER ? nullptr : forget);
    };
    uv_walk(&loop_, close, nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
  }

  std::optional<Outcome> start(Channel& channel, Step step) {
    switch (step.kind) {
      case StepKind::connect:
        channel.deadline_ns = deadline_of(step);
        return connect(channel, step);
      case StepKind::write: return write(channel, step);
      case StepKind::read: return read(channel, step);
      case StepKind::sleep: return timers_.sleep(channel, step);
      case StepKind::close: close(channel); return 0;
      case StepKind::begin: return 0;
      case StepKind::ready: return ready(channel, step);
      case StepKind::forget: close(channel); return 0;  // the descriptor is free at once
      case StepKind::join:
      case StepKind::acquire:
      case StepKind::use:
      case StepKind::done: break;
    }
    return -EINVAL;
  }

  std::optional<Outcome> cancel(Channel& channel) {
    const StepKind kind = channel.pending.kind;
    timers_.disarm(channel);
    if (kind == StepKind::connect || kind == StepKind::write) close(channel);
    return -ECANCELED;
  }

  template <class Visitor>
  void wait(Visitor&& visit, MaySleep may_sleep = MaySleep::yes) {
    visitor_ = &visit;
    call_visitor_ = [](void* visitor, Channel& channel, Outcome outcome) {
      (*static_cast<std::remove_reference_t<Visitor>*>(visitor))(channel, outcome);
    };
    set_alarm();
    uv_run(&loop_, may_sleep == MaySleep::yes ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    if (failure_ != nullptr) [[unlikely]]
      std::rethrow_exception(std::exchange(failure_, nullptr));
    timers_.fire_expired([&](Channel& channel) {
      if (const std::optional<Outcome> outcome = on_time(channel)) visit(channel, *outcome);
    });
  }

 private:
  std::optional<Outcome> connect(Channel& channel, Step step) {
    return step.address().is_unix() ? connect_pipe(channel, step) : connect_tcp(channel, step);
  }

  // This version of libuv cannot connect to a name of the abstract namespace, so it is given a
  // socket that is connected.
  std::optional<Outcome> connect_pipe(Channel& channel, Step step) {
    Descriptor socket;
    const Outcome connected = start_connect(socket, step.address());
    if (connected == -EAGAIN) return timers_.retry(channel, step);
    if (connected != 0) return connected;
    Stream& stream = open(channel);
    uv_pipe_init(&loop_, &stream.pipe, 0);
    stream.handle.data = &channel;
    const int opened = uv_pipe_open(&stream.pipe, socket.get());
    if (opened == 0) socket.release();
    return opened;
  }

  std::optional<Outcome> connect_tcp(Channel& channel, Step step) {
    Stream& stream = open(channel);
    uv_tcp_init(&loop_, &stream.tcp);
    stream.handle.data = &channel;
    uv_tcp_nodelay(&stream.tcp, 1);
    auto* request = new uv_connect_t;
    const int error = uv_tcp_connect(request, &stream.tcp, step.address().get(), on_connect);
    if (error == 0) return timers_.arm(channel, step);
    delete request;
    return error;
  }

  static Stream& open(Channel& channel) {
    channel.stream = new Stream;
    channel.reading = false;
    channel.polling = 0;
    return *channel.stream;
  }

  std::optional<Outcome> write(Channel& channel, Step step) {
    if (channel.stream == nullptr) return -ENOTCONN;
    const uv_buf_t bytes = uv_buf_init(reinterpret_cast<char*>(step.data()), step.size);
    const int sent = uv_try_write(&channel.stream->any, &bytes, 1);
    if (sent != UV_EAGAIN) return sent;
    auto* request = new uv_write_t;
    const int error = uv_write(request, &channel.stream->any, &bytes, 1, on_write);
    if (error == 0) return timers_.arm(channel, step);
    delete request;
    return error;
  }

  std::optional<Outcome> read(Channel& channel, Step step) {
    if (channel.stream == nullptr) return -ENOTCONN;
    if (!channel.reading) {
      const int error = uv_read_start(&channel.stream->any, lend_buffer, on_read);
      if (error != 0) return error;
      channel.reading = true;
    }
    return timers_.arm(channel, step);
  }

  // A library's descriptor stays watched, too, until something comes that no step waits for.
  std::optional<Outcome> ready(Channel& channel, Step step) {
    if (channel.stream == nullptr) {
      auto stream = std::make_unique<Stream>();
      const int error = uv_poll_init(&loop_, &stream->poll, step.descriptor());
      if (error != 0) return error;
      stream->handle.data = &channel;
      channel.stream = stream.release();
      channel.polling = 0;
    }
    const int events = step.waits_to_read() ? UV_READABLE : UV_WRITABLE;
    if (channel.polling != events) {
      const int error = uv_poll_start(&channel.stream->poll, events, on_ready);
      if (error != 0) return error;
      channel.polling = events;
    }
    return timers_.arm(channel, step);
  }

  static void on_ready(uv_poll_t* poll, int status, int) {
    auto& channel = *static_cast<Channel*>(poll->data);
    const bool is_awaited = channel.waiting && channel.pending.kind == StepKind::ready;
    if (status < 0 || !is_awaited) {
      uv_poll_stop(poll);
      channel.polling = 0;
    }
    if (is_awaited) complete(poll->loop, channel, status);
  }

  // Later callbacks of the connection must not reach the channel.
  static void close(Channel& channel) {
    Stream* stream = std::exchange(channel.stream, nullptr);
    if (stream == nullptr) return;
    stream->handle.data = nullptr;
    if (stream->handle.type == UV_TCP && uv_tcp_close_reset(&stream->tcp, forget) == 0) return;
    uv_close(&stream->handle, forget);
  }

  static void forget(uv_handle_t* handle) { delete reinterpret_cast<Stream*>(handle); }

  static void on_connect(uv_connect_t* request, int status) {
    complete(request->handle, status);
    delete request;
  }

  // libuv reports a write when all of it is written.
  static void on_write(uv_write_t* request, int status) {
    const auto* channel = static_cast<Channel*>(request->handle->data);
    if (channel != nullptr)
      complete(request->handle, status < 0 ? status : static_cast<Outcome>(channel->pending.size));
    delete request;
  }

  static bool wants_bytes(const Channel& channel) {
    return channel.waiting && channel.pending.kind == StepKind::read;
  }

  static void lend_buffer(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    const auto& channel = *static_cast<Channel*>(handle->data);
    *buffer = wants_bytes(channel) ? uv_buf_init(reinterpret_cast<char*>(channel.pending.data()),
                                                 channel.pending.size)
                                   : uv_buf_init(nullptr, 0);
  }

  static void on_read(uv_stream_t* stream, ssize_t got, const uv_buf_t*) {
    auto& channel = *static_cast<Channel*>(stream->data);
    if (got == 0) return;  // the socket was not ready after all
    if (got < 0) {         // the end, an error, or no buffer
      channel.reading = false;
      uv_read_stop(stream);
    }
    if (wants_bytes(channel)) complete(stream, got == UV_EOF ? 0 : static_cast<Outcome>(got));
  }

  static void complete(uv_stream_t* stream, Outcome outcome) {
    auto* channel = static_cast<Channel*>(stream->data);
    if (channel != nullptr) complete(stream->loop, *channel, outcome);
  }

  static void complete(uv_loop_t* loop, Channel& channel, Outcome outcome) {
    auto& engine = *static_cast<Libuv*>(loop->data);
    engine.timers_.disarm(channel);
    try {
      engine.call_visitor_(engine.visitor_, channel, outcome);
    } catch (...) {
      engine.failure_ = std::current_exception();  // it must not pass through libuv's C code
    }
  }

  // The time of a step is up, a sleep is over, or a connect may be tried again.
  std::optional<Outcome> on_time(Channel& channel) {
    if (channel.pending.kind == StepKind::sleep) return 0;
    if (!channel.waiting) return connect(channel, channel.pending);
    timers_.disarm(channel);
    close(channel);
    return -ETIMEDOUT;
  }

  // One uv_timer for all channels: a timer for each would make a connection half as large again,
  // and timers of the same millisecond would not end in the order of their deadlines.
  void set_alarm() {
    if (timers_.empty()) {
      uv_timer_stop(&alarm_);
      return;
    }
    const std::int64_t due_ms = (timers_.next_deadline_ns() + ns_per_ms - 1) / ns_per_ms;
    const std::int64_t rest_ms = due_ms - static_cast<std::int64_t>(uv_now(&loop_));
    uv_timer_start(&alarm_, on_alarm,
                   static_cast<std::uint64_t>(std::max<std::int64_t>(0, rest_ms)), 0);
  }

  // Else uv_run() would go on to wait for its sockets, perhaps for ever.
  static void on_alarm(uv_timer_t* alarm) { uv_stop(alarm->loop); }

  uv_loop_t loop_;
  uv_timer_t alarm_;
  Timers<Channel> timers_;
  void* visitor_ = nullptr;  // of the wait that is under way
  void (*call_visitor_)(void* visitor, Channel&, Outcome) = nullptr;
  std::exception_ptr failure_;  // what the visitor threw
};

}  // namespace waitbench
