// What goes through a connection of the delay server: requests as their bytes come, replies as the
// socket takes them, and who is dropped for taking nothing.
#include "harness/backend/server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace waitbench::backend {

void DelayServer::receive(Connection& connection) {
  // What an earlier read left of a request is put before what this one brings.
  std::byte* const fresh = input_.data() + sizeof(wire::Request);
  const ssize_t received =
      ::recv(connection.socket.get(), fresh, input_.size() - sizeof(wire::Request), MSG_DONTWAIT);
  if (received == 0) return half_close(connection);
  if (received < 0) {
    if (errno != EAGAIN && errno != EINTR) doom(connection);
    return;
  }
  const std::int64_t received_ns = now_ns_ = now_ns();
  std::byte* const first = fresh - connection.request_bytes;
  std::memcpy(first, connection.request.data(), connection.request_bytes);
  std::span<const std::byte> bytes(first, fresh + received);

  while (bytes.size() >= sizeof(wire::Request)) {
    wire::Request request;
    std::memcpy(&request, bytes.data(), sizeof(request));
    bytes = bytes.subspan(sizeof(request));
    obey(connection, request, received_ns);
    if (connection.doomed) return;
  }
  std::ranges::copy(bytes, connection.request.begin());
  connection.request_bytes = static_cast<std::uint16_t>(bytes.size());
}

// A peer that will ask no more still gets what it is owed.
void DelayServer::half_close(Connection& connection) {
  connection.half_closed = true;
  if (connection.owed() == 0) return doom(connection);
  update_interest(connection);
}

void DelayServer::send(Connection& connection, const Message& message) {
  connection.outbox.add(message);
  if (connection.outbox.size() == 1) flush(connection);  // else its turn will come
}

void DelayServer::flush(Connection& connection) {
  bool moved = false;
  const Outbox::State state =
      connection.outbox.send_some(connection.socket.get(), output_, moved,
                                  [&](const Message& message) { account(connection, message); });
  if (state == Outbox::State::broken) return doom(connection);
  if (state == Outbox::State::unfinished) unfinished_.push_back(connection.id);

  const bool was_blocked = std::exchange(connection.blocked, state == Outbox::State::blocked);
  if (connection.blocked) {
    if (moved || !was_blocked) connection.progress_ns = now_ns();
    watch_stall(connection);
  }
  update_interest(connection);
  if (connection.half_closed && connection.owed() == 0) doom(connection);
  tell_news(trial_of(connection.trial));
}

void DelayServer::account(Connection& connection, const Message& message) {
  now_ns_ = std::max(now_ns_, message.sent_ns());
  const Query* const query = message.query();
  if (query == nullptr) {
    --connection.reports;
    return;
  }
  ++served_;
  if (query->parked) {
    --connection.parks;
    return;
  }
  --connection.queries;
  trial_of(query->trial).gate.answered(*query, message.sent_ns());
}

void DelayServer::watch_stall(Connection& connection) {
  if (std::exchange(connection.stall_is_watched, true)) return;
  stalls_.push(connection.progress_ns + stall_ns_, connection.id);
}

void DelayServer::update_interest(Connection& connection) {
  const std::uint32_t interest = (connection.half_closed ? 0U : std::uint32_t{EPOLLIN}) |
                                 (connection.blocked ? std::uint32_t{EPOLLOUT} : 0U);
  if (std::exchange(connection.interest, interest) == interest) return;
  control(EPOLL_CTL_MOD, connection.socket.get(), interest, connection.id);
}

void DelayServer::doom(Connection& connection) {
  if (!std::exchange(connection.doomed, true)) doomed_.push_back(&connection);
}

void DelayServer::drop_offender(Connection& connection) {
  if (!connection.doomed) ++dropped_;
  doom(connection);
}

}  // namespace waitbench::backend
