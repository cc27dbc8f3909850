#include "harness/backend/outbox.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "impls/lib/clock.hpp"

namespace waitbench::backend {

std::uint64_t Message::size() const {
  return query() ? sizeof(wire::ReplyHeader) + query()->payload_bytes : sizeof(wire::Report);
}

std::span<const std::byte> Message::next_bytes(std::span<std::byte> scratch) {
  if (offset_ == 0) sent_ns_ = now_ns();
  const std::span<std::byte> out = scratch.first(std::min(scratch.size(), size() - offset_));
  const auto copy_head = [&](const auto& head) {
    const std::size_t from = std::min(offset_, sizeof(head));
    const std::size_t bytes = std::min(sizeof(head) - from, out.size());
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(&head) + from, bytes);
    return out.subspan(bytes);
  };
  if (const auto* report = std::get_if<wire::Report>(&what_)) {
    copy_head(*report);
    return out;
  }
  const Query& asked = *query();
  const wire::ReplyHeader header = {.payload_bytes = asked.payload_bytes,
                                    .id = asked.id,
                                    .received_ns = asked.received_ns,
                                    .due_ns = asked.due_ns,
                                    .sent_ns = sent_ns_};
  const std::span<std::byte> payload = copy_head(header);
  wire::fill_payload(asked.id, std::max(offset_, sizeof(header)) - sizeof(header), payload);
  return out;
}

Outbox::State Outbox::send_part(int socket, std::span<std::byte>& scratch, Message& message,
                                bool& moved) {
  if (scratch.empty()) return State::unfinished;
  const std::size_t most = message.is_single_bytes() ? 1 : scratch.size();
  const std::span<const std::byte> bytes = message.next_bytes(scratch.first(most));
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
