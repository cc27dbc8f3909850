// The connections of the backend, and their ids. Slots are used again, ids are not: an id that
// outlives its connection (in the heap of deadlines, in a batch of events) finds nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "harness/backend/outbox.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench::backend {

struct Connection {
  enum class Speaks : std::uint8_t { unknown, workload, control };

  std::uint64_t id = 0;  // 0: the slot is free
  Descriptor socket;
  std::uint32_t interest = 0;       // the events epoll was asked for
  std::uint16_t trial = 0;          // to which all the queries belong that are not answered yet
  std::uint16_t idle_requests = 0;  // of the same trial, not answered yet
  std::uint16_t reports = 0;        // not sent yet
  Speaks speaks = Speaks::unknown;  // until the first bytes have come
  bool half_closed = false;         // the peer will send no more
  bool blocked = false;             // the socket would take no more
  bool marked = false;              // to be closed at the end of this pass
  bool gives_orders = false;        // about a trial: then it gets the reports of that trial
  bool stall_is_watched = false;    // there is a deadline for it among the stalls
  std::int64_t progress_ns = 0;     // when the peer last read, while blocked
  std::vector<std::byte> partial;   // of a request, received so far
  std::int64_t last_sent_ns = 0;    // when its last reply was sent; 0: none was
  Peer peer;
  Outbox outbox;

  unsigned owed() const { return unsigned{peer.unanswered} + idle_requests + reports; }
  bool is_bound_to_trial() const { return peer.unanswered != 0 || idle_requests != 0; }
};

class Connections {
 public:
  Connection& add(Descriptor socket) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    Connection& connection = slots_[slot];
    connection.id = (++last_serial_ << 24) | slot;
    connection.socket = std::move(socket);
    return connection;
  }

  // Null when the connection is closed or about to be.
  Connection* find(std::uint64_t id) {
    const std::size_t slot = id & max_slot;
    if (slot >= slots_.size()) return nullptr;
    Connection& connection = slots_[slot];
    return connection.id == id && !connection.marked ? &connection : nullptr;
  }

  void remove(Connection& connection) {
    free_.push_back(static_cast<std::uint32_t>(connection.id & max_slot));
    connection = {};
  }

  std::size_t size() const { return slots_.size() - free_.size(); }

 private:
  static constexpr std::uint64_t max_slot = (1U << 24) - 1;  // 40 bits are left for the serial

  std::deque<Connection> slots_;  // a deque: connections do not move
  std::vector<std::uint32_t> free_;
  std::uint64_t last_serial_ = 0;
};

}  // namespace waitbench::backend
