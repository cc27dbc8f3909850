// What a connection is to be sent now. A reply is a function of its pending reply, so its bytes are
// not stored, only how many of them were sent: they are made in a scratch buffer, shared by all
// connections, whenever the socket takes some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "harness/backend/control.hpp"
#include "harness/workloads/protocol.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench::backend {

// A reply or a report, and how much of it was sent.
class Message {
 public:
  Message(const Protocol& protocol, const PendingReply& reply)
      : what_(reply), protocol_(&protocol) {}
  explicit Message(const control::Report& report) : what_(report) {}

  const PendingReply* reply() const { return std::get_if<PendingReply>(&what_); }
  std::int64_t sent_ns() const { return sent_ns_; }  // of the first byte
  bool is_single_bytes() const { return reply() != nullptr && reply()->single_bytes; }
  std::uint64_t size() const {
    return reply() != nullptr ? reply()->reply_bytes : sizeof(control::Report);
  }
  bool is_sent() const { return offset_ == size(); }

  // Makes what comes next, as much as `scratch` holds. The first call stamps the time of sending,
  // `now_ns`, and so does each further one until something was sent.
  std::span<const std::byte> next_bytes(std::span<std::byte> scratch,
                                        std::int64_t now_ns = waitbench::now_ns());
  void advance(std::size_t bytes) { offset_ += bytes; }

 private:
  std::variant<PendingReply, control::Report> what_;
  const Protocol* protocol_ = nullptr;  // null: a report
  std::int64_t sent_ns_ = 0;
  std::uint64_t offset_ = 0;
};

class Outbox {
 public:
  enum class State {
    empty,       // all was sent
    unfinished,  // the socket would take more: it is the others' turn
    blocked,     // the socket is full
    broken       // the peer is gone
  };

  bool empty() const { return messages_.empty(); }
  std::size_t size() const { return messages_.size(); }
  void add(const Message& message) { messages_.push_back(message); }

  // Sends a message at once, while no other waits; what the socket does not take of it is added.
  // The time is `now_ns`. `moved` becomes true if anything was sent.
  State send_directly(int socket, std::span<std::byte> scratch, Message& message, bool& moved,
                      std::int64_t now_ns);

  // Sends what the socket takes, but no more than one scratch buffer, and no more than one byte of
  // a reply that is to go byte by byte. Calls `on_sent(message)` for each one completed; it must
  // not touch the outbox. `moved` becomes true if anything was sent.
  template <class OnSent>
  State send_some(int socket, std::span<std::byte> scratch, bool& moved, OnSent&& on_sent) {
    std::size_t completed = 0;
    State state = State::empty;
    while (state == State::empty && completed < messages_.size()) {
      Message& message = messages_[completed];
      state = send_part(socket, scratch, message, moved, now_ns());
      if (!message.is_sent()) continue;
      on_sent(message);
      ++completed;
    }
    messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(completed));
    if (state == State::unfinished && messages_.empty()) return State::empty;
    return state;
  }

 private:
  // One send() for the front of a message; takes the bytes sent off `scratch`.
  static State send_part(int socket, std::span<std::byte>& scratch, Message& message, bool& moved,
                         std::int64_t now_ns);

  std::vector<Message> messages_;
};

}  // namespace waitbench::backend
