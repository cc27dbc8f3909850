// A backend to which anything may be sent. After each burst it must still answer, and must have
// forgotten all that it owed to the sender.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <stdexcept>
#include <string>

#include "tests/harness/backend_client.hpp"

namespace waitbench::backend {

class BackendUnderFire {
 public:
  // Sends the bytes over a connection of their own, which is then closed. The first byte says in
  // what pieces, so that requests are cut anywhere. Throws std::runtime_error when the backend does
  // not answer others any more, or counts queries of a trial that has no connection left.
  void send(std::span<const std::byte> burst) {
    if (burst.empty()) return;
    const std::size_t piece = 1 + 3 * std::to_integer<std::size_t>(burst[0]);
    send_in_pieces(burst.subspan(1), piece);
    witness_.statistics();  // the connection's end was seen before this was answered,
    for (const std::uint16_t trial : trials_in(burst.subspan(1))) {
      const wire::Report report = witness_.statistics(trial);  // and cleared away before this
      if (report.in_flight != 0 || report.parked != 0)
        throw std::runtime_error("trial " + std::to_string(trial) + " has " +
                                 std::to_string(report.in_flight) + " queries in flight and " +
                                 std::to_string(report.parked) + " connections parked");
    }
  }

 private:
  void send_in_pieces(std::span<const std::byte> bytes, std::size_t piece) {
    Client sender(server_.unix());
    while (!bytes.empty()) {
      const auto next = bytes.first(std::min(piece, bytes.size()));
      bytes = bytes.subspan(next.size());
      // Refused when the backend has closed the connection, as it should after nonsense.
      if (::send(sender.fd(), next.data(), next.size(), MSG_NOSIGNAL) < 0) return;
      std::byte reply[4096];
      [[maybe_unused]] const ssize_t heard = ::recv(sender.fd(), reply, sizeof reply, MSG_DONTWAIT);
    }
  }

  // The trials that requests at their proper places name.
  static std::set<std::uint16_t> trials_in(std::span<const std::byte> bytes) {
    std::set<std::uint16_t> trials;
    for (; bytes.size() >= sizeof(wire::Request); bytes = bytes.subspan(sizeof(wire::Request))) {
      wire::Request request;
      std::memcpy(&request, bytes.data(), sizeof request);
      trials.insert(request.trial);
    }
    return trials;
  }

  RunningServer server_;
  Client witness_{server_.unix()};
};

}  // namespace waitbench::backend
