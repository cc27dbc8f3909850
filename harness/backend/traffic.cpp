// What goes through a connection of the server: requests as their bytes come, replies as the socket
// takes them, and how a peer is dropped that reads nothing.
#include "harness/backend/server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace waitbench::backend {

void Server::receive(Connection& connection) {
  // What an earlier read left of a request is put before what this one brings.
  std::byte* const fresh = input_.data() + max_frame_bytes_;
  const ssize_t received =
      ::recv(connection.socket.get(), fresh, input_.size() - max_frame_bytes_, MSG_DONTWAIT);
  if (received == 0) return half_close(connection);
  if (received < 0) {
    if (errno != EAGAIN && errno != EINTR) mark_for_close(connection);
    return;
  }
  received_ns_ = now_ns_ = now_ns();
  std::byte* const first = fresh - connection.partial.size();
  std::ranges::copy(connection.partial, first);
  handle_all(connection, {first, fresh + received});
}

void Server::handle_all(Connection& connection, std::span<const std::byte> bytes) {
  while (!bytes.empty() && handle_front(connection, bytes)) continue;
  if (connection.marked) return;
  if (bytes.size() >= max_frame_bytes_) return drop_bad_peer(connection);
  connection.partial.assign(bytes.begin(), bytes.end());
}

// A peer that will ask no more still gets what it is owed.
void Server::half_close(Connection& connection) {
  connection.half_closed = true;
  if (connection.owed() == 0) return mark_for_close(connection);
  update_interest(connection);
}

void Server::send(Connection& connection, const Message& message) {
  connection.outbox.add(message);
  if (connection.outbox.size() == 1) flush(connection);  // else it is sent after the others
}

void Server::flush(Connection& connection) {
  bool moved = false;
  const Outbox::State state =
      connection.outbox.send_some(connection.socket.get(), output_, moved,
                                  [&](const Message& message) { account(connection, message); });
  if (state == Outbox::State::broken) return mark_for_close(connection);
  if (state == Outbox::State::unfinished) unfinished_.push_back(connection.id);

  const bool was_blocked = std::exchange(connection.blocked, state == Outbox::State::blocked);
  if (connection.blocked) {
    if (moved || !was_blocked) connection.progress_ns = now_ns();
    watch_stall(connection);
  }
  update_interest(connection);
  if (connection.half_closed && connection.owed() == 0) mark_for_close(connection);
  notify(trial_of(connection.trial));
}

void Server::account(Connection& connection, const Message& message) {
  now_ns_ = std::max(now_ns_, message.sent_ns());
  const PendingReply* const reply = message.reply();
  if (reply == nullptr) {
    --connection.reports;
    return;
  }
  ++served_;
  if (reply->is_idle) {
    --connection.idle_requests;
    return;
  }
  --connection.queries;
  trial_of(reply->trial).gate.answered(*reply, message.sent_ns());
}

void Server::watch_stall(Connection& connection) {
  if (std::exchange(connection.stall_is_watched, true)) return;
  stalls_.push(connection.progress_ns + stall_ns_, connection.id);
}

void Server::update_interest(Connection& connection) {
  const std::uint32_t interest = (connection.half_closed ? 0U : std::uint32_t{EPOLLIN}) |
                                 (connection.blocked ? std::uint32_t{EPOLLOUT} : 0U);
  if (std::exchange(connection.interest, interest) == interest) return;
  set_interest(EPOLL_CTL_MOD, connection.socket.get(), interest, connection.id);
}

void Server::mark_for_close(Connection& connection) {
  if (!std::exchange(connection.marked, true)) marked_.push_back(&connection);
}

void Server::drop_bad_peer(Connection& connection) {
  if (!connection.marked) ++dropped_;
  mark_for_close(connection);
}

}  // namespace waitbench::backend
