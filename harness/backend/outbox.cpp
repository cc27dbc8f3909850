#include "harness/backend/outbox.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace waitbench::backend {

std::span<const std::byte> Message::next_bytes(std::span<std::byte> scratch, std::int64_t now_ns) {
  if (offset_ == 0) sent_ns_ = now_ns;
  const std::span<std::byte> out = scratch.first(std::min(scratch.size(), size() - offset_));
  if (const PendingReply* const owed = reply()) {
    protocol_->write_reply(*owed, sent_ns_, offset_, out);
  } else {
    const auto& report = std::get<control::Report>(what_);
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(&report) + offset_, out.size());
  }
  return out;
}

Outbox::State Outbox::send_directly(int socket, std::span<std::byte> scratch, Message& message,
                                    bool& moved, std::int64_t now_ns) {
  const State state = send_part(socket, scratch, message, moved, now_ns);
  if (message.is_sent()) return State::empty;
  add(message);
  return state;
}

Outbox::State Outbox::send_part(int socket, std::span<std::byte>& scratch, Message& message,
                                bool& moved, std::int64_t now_ns) {
  if (scratch.empty()) return State::unfinished;
  const std::size_t most = message.is_single_bytes() ? 1 : scratch.size();
  const std::span<const std::byte> bytes = message.next_bytes(scratch.first(most), now_ns);
  const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return errno == EAGAIN || errno == EINTR ? State::blocked : State::broken;

  const auto taken = static_cast<std::size_t>(sent);
  moved = true;
  message.advance(taken);
  scratch = scratch.subspan(taken);
  if (taken < bytes.size()) return State::blocked;
  return message.is_single_bytes() || scratch.empty() ? State::unfinished : State::empty;
}

}  // namespace waitbench::backend
