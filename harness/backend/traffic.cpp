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

// The kernel reports once that bytes have come, or that the stream has ended. After a short read
// all bytes that it has reported are read. `until_empty`: the end of the stream may follow them.
// That is read in the next pass, as is what a full buffer may have left.
void Server::receive(Connection& connection, bool until_empty) {
  // What an earlier read left of a request is put before what this one brings.
  std::byte* const fresh = input_.data() + max_frame_bytes_;
  const std::size_t room = input_.size() - max_frame_bytes_;
  const ssize_t received = ::recv(connection.socket.get(), fresh, room, MSG_DONTWAIT);
  if (received == 0) return half_close(connection);
  if (received < 0) {
    if (errno == EINTR) unread_.push_back(connection.id);
    if (errno != EAGAIN && errno != EINTR) mark_for_close(connection);
    return;
  }
  received_ns_ = now_ns_ = now_ns();
  clock_is_fresh_ = true;
  std::byte* const first = fresh - connection.partial.size();
  std::ranges::copy(connection.partial, first);
  handle_all(connection, {first, fresh + received});
  clock_is_fresh_ = false;
  if (until_empty || static_cast<std::size_t>(received) == room) unread_.push_back(connection.id);
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
  if (connection.owed() == 0) mark_for_close(connection);
}

void Server::send(Connection& connection, Message message) {
  Outbox& outbox = connection.outbox;
  if (!outbox.empty()) return outbox.add(message);  // it is sent after the others
  bool moved = false;
  const std::int64_t stamp_ns = std::exchange(clock_is_fresh_, false) ? now_ns_ : now_ns();
  const Outbox::State state =
      outbox.send_directly(connection.socket.get(), output_, message, moved, stamp_ns);
  if (message.is_sent()) account(connection, message);
  after_sending(connection, state, moved);
}

void Server::flush(Connection& connection) {
  bool moved = false;
  const Outbox::State state =
      connection.outbox.send_some(connection.socket.get(), output_, moved,
                                  [&](const Message& message) { account(connection, message); });
  after_sending(connection, state, moved);
}

void Server::after_sending(Connection& connection, Outbox::State state, bool moved) {
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
  --connection.peer.unanswered;
  const std::int64_t before_ns = std::exchange(connection.last_sent_ns, message.sent_ns());
  Gate& gate = trial_of(reply->trial).gate;
  gate.answered(*reply, message.sent_ns());
  gate.cycle(before_ns, message.sent_ns());
}

void Server::watch_stall(Connection& connection) {
  if (std::exchange(connection.stall_is_watched, true)) return;
  stalls_.push(connection.progress_ns + stall_ns_, connection.id);
}

// Writability is watched while a reply waits for it: a Unix socket would report it at each read of
// the peer.
void Server::update_interest(Connection& connection) {
  const std::uint32_t interest = input_events | (connection.blocked ? std::uint32_t{EPOLLOUT} : 0U);
  if (std::exchange(connection.interest, interest) == interest) return;
  set_interest(EPOLL_CTL_MOD, connection.socket.get(), interest, connection.id);
}

// Its queries are lost now, and not when it is closed: the client may have asked anew already, on
// another connection.
void Server::mark_for_close(Connection& connection) {
  if (std::exchange(connection.marked, true)) return;
  marked_.push_back(&connection);
  trial_of(connection.trial).gate.lose(connection.id, connection.peer.unanswered);
}

void Server::drop_bad_peer(Connection& connection) {
  if (!connection.marked) ++dropped_;
  mark_for_close(connection);
}

}  // namespace waitbench::backend
