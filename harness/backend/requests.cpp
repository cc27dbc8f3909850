// What the server does with what it reads: it finds out which protocol a connection speaks, and
// puts queries through the gate of their trial.
#include <algorithm>
#include <bit>

#include "harness/backend/server.hpp"

namespace waitbench::backend {
namespace {

constexpr unsigned max_owed = 1024;  // answers that a connection may wait for at once

constexpr auto control_magic = std::bit_cast<std::array<std::byte, 4>>(control::magic);

// What a connection speaks that begins with these bytes.
Connection::Speaks recognise(std::span<const std::byte> bytes) {
  const std::size_t known = std::min(bytes.size(), control_magic.size());
  if (!std::ranges::equal(bytes.first(known), std::span(control_magic).first(known)))
    return Connection::Speaks::workload;
  return known < control_magic.size() ? Connection::Speaks::unknown : Connection::Speaks::control;
}

}  // namespace

bool Server::handle_front(Connection& connection, std::span<const std::byte>& bytes) {
  if (connection.speaks == Connection::Speaks::unknown) {
    connection.speaks = recognise(bytes);
    if (connection.speaks == Connection::Speaks::unknown) return false;
  }
  return connection.speaks == Connection::Speaks::workload ? handle_request(connection, bytes)
                                                           : handle_order(connection, bytes);
}

bool Server::handle_request(Connection& connection, std::span<const std::byte>& bytes) {
  PendingReply query;
  const auto [size, in_request] = protocol_.read_request(bytes, connection.peer, query);
  if (size == 0 && in_request == Offence::none) return false;
  const Offence offence = in_request == Offence::none ? offence_of(connection, query) : in_request;
  if (offence != Offence::none) {
    trial_of(query.trial).gate.note_offence(offence);
    drop_bad_peer(connection);
    notify(trial_of(query.trial));
    return false;
  }
  bytes = bytes.subspan(size);
  enter(connection, query);
  return !connection.marked;
}

Offence Server::offence_of(const Connection& connection, const PendingReply& query) {
  if (connection.is_bound_to_trial() && connection.trial != query.trial)
    return Offence::mixed_trials;
  return connection.owed() >= max_owed ? Offence::many_at_once : Offence::none;
}

void Server::enter(Connection& connection, PendingReply& query) {
  query.connection = connection.id;
  query.received_ns = received_ns_;
  connection.trial = query.trial;
  ++(query.is_idle ? connection.idle_requests : connection.peer.unanswered);
  Trial& trial = trial_of(query.trial);
  if (query.is_idle ? trial.gate.keep_idle(query) : trial.gate.arrive(query)) answer_in_time(query);
  notify(trial);
}

void Server::answer_in_time(const std::vector<PendingReply>& replies) {
  for (const PendingReply& reply : replies) answer_in_time(reply);
}

void Server::answer_in_time(const PendingReply& reply) {
  if (reply.due_ns <= now_ns_)
    answer(reply);
  else
    due_.push(reply.due_ns, reply);
}

void Server::answer(const PendingReply& reply) {
  if (Connection* const connection = connections_.find(reply.connection))
    send(*connection, Message(protocol_, reply));
}

// Replies to closed connections would stay queued until they are due, up to a minute, so a client
// that connects again and again could fill the memory. To look for them is worth it only when they
// may be most of the queue.
void Server::forget_orphans(std::size_t more) {
  orphans_ += more;
  if (orphans_ <= due_.size() / 2) return;
  due_.remove_if(
      [this](const PendingReply& reply) { return connections_.find(reply.connection) == nullptr; });
  orphans_ = 0;
}

}  // namespace waitbench::backend
