// The connections of the backend, and their ids. Places are used again, ids are not: an id that
// outlives its connection (in the heap of deadlines, in a batch of events) finds nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "harness/backend/outbox.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench::backend {

struct Connection {
  std::uint64_t id = 0;  // 0: the place is free
  Descriptor socket;
  std::uint32_t interest = 0;       // the events epoll was asked for
  std::uint16_t trial = 0;          // to which all that it asked, and waits for, belongs
  std::uint16_t queries = 0;        // not answered yet
  std::uint16_t parks = 0;          // of the same trial, not answered yet
  std::uint16_t reports = 0;        // not sent yet
  std::uint16_t request_bytes = 0;  // of `request`, received so far
  bool half_closed = false;         // the peer will ask no more
  bool blocked = false;             // the socket would take no more
  bool doomed = false;              // to be closed at the end of this pass
  bool conducts = false;            // has given orders about a trial
  bool stall_is_watched = false;    // there is a deadline for it among the stalls
  std::int64_t progress_ns = 0;     // when the peer last read, while blocked
  std::array<std::byte, sizeof(wire::Request)> request{};
  Outbox outbox;

  unsigned owed() const { return unsigned{queries} + parks + reports; }
  bool is_bound_to_trial() const { return queries != 0 || parks != 0; }
};

class Connections {
 public:
  Connection& add(Descriptor socket) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(places_.size()));
      places_.emplace_back();
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    Connection& connection = places_[place];
    connection.id = (++last_serial_ << 24) | place;
    connection.socket = std::move(socket);
    return connection;
  }

  // Null when the connection is gone or about to go.
  Connection* find(std::uint64_t id) {
    const std::size_t place = id & max_place;
    if (place >= places_.size()) return nullptr;
    Connection& connection = places_[place];
    return connection.id == id && !connection.doomed ? &connection : nullptr;
  }

  void remove(Connection& connection) {
    free_.push_back(static_cast<std::uint32_t>(connection.id & max_place));
    connection = {};
  }

  std::size_t size() const { return places_.size() - free_.size(); }

 private:
  static constexpr std::uint64_t max_place = (1U << 24) - 1;  // 40 bits are left for the serial

  std::deque<Connection> places_;  // a deque: connections do not move
  std::vector<std::uint32_t> free_;
  std::uint64_t last_serial_ = 0;
};

}  // namespace waitbench::backend
