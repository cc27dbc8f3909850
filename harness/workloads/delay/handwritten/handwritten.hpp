// The straight-line counterparts of the models: the delay query as one would write it by hand in
// each model, without the seam. They stamp, check and record as the models do, so the difference
// between a model and its handwritten counterpart is what the seam costs. They stand here, not
// beside the models, because they know the workload, which a model must not.
#pragma once

#include <deque>
#include <memory>
#include <system_error>

#include "harness/workloads/delay/client.hpp"
#include "impls/lib/descriptor.hpp"
#include "impls/lib/socket.hpp"
#include "impls/model.hpp"

namespace waitbench {

std::unique_ptr<Model> make_handwritten_blocking(const TrialContext& context);
std::unique_ptr<Model> make_handwritten_thread_per_connection(const TrialContext& context);
std::unique_ptr<Model> make_handwritten_callback_epoll(const TrialContext& context);
std::unique_ptr<Model> make_handwritten_coroutine_epoll(const TrialContext& context);
std::unique_ptr<Model> make_handwritten_callback_libuv(const TrialContext& context);
std::unique_ptr<Model> make_handwritten_callback_io_uring(const TrialContext& context);

// A client with the connection it asks through.
struct HandwrittenConnection {
  DelayClient client;
  Descriptor socket;

  HandwrittenConnection(const TrialContext& context, std::uint32_t number)
      : client(context.config, context.ledger, number) {}

  void connect(const Address& backend) {
    socket = open_socket(backend, 0);
    if (!socket || connect_socket(socket.get(), backend) != 0)
      throw std::system_error(errno, std::generic_category(), "connect");
  }

  // A request is far smaller than an empty socket buffer, so it always goes out whole.
  bool send_request() {
    const std::span<std::byte> request = client.ask();
    const ssize_t sent = ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(request.size())) return true;
    client.lose("write", sent < 0 ? -errno : -EPROTO);
    return false;
  }

  // Takes what is there, with one recv; `flags` as of recv.
  DelayClient::Progress receive(int flags) {
    const std::span<std::byte> space = client.buffer_space();
    const ssize_t got = ::recv(socket.get(), space.data(), space.size(), flags);
    if (got > 0) return client.take(static_cast<std::size_t>(got));
    if (got < 0 && errno == EAGAIN) return DelayClient::Progress::incomplete;
    client.lose("read", got < 0 ? -errno : 0);
    return DelayClient::Progress::wrong;
  }
};

// All the connections of a trial, open.
inline std::deque<HandwrittenConnection> connect_all(const TrialContext& context) {
  std::deque<HandwrittenConnection> connections;
  for (std::size_t i = 0; i < context.config.cell.in_flight; ++i) {
    connections.emplace_back(context, static_cast<std::uint32_t>(i));
    connections.back().connect(context.backend);
  }
  return connections;
}

}  // namespace waitbench
