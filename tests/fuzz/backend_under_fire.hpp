// A backend to which anything may be sent. After each burst it must still answer, and must have
// forgotten all that it owed to the sender.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/harness/backend_client.hpp"

namespace waitbench::backend {

class BackendUnderFire {
 public:
  // Bytes that change over to the other one of two connections: so orders and queries can meet.
  static constexpr std::string_view change_over =
      "\xff"
      "<->";

  // Sends the bytes over two connections of their own, which are then closed. The first byte says
  // in what pieces, so that requests are cut anywhere. Throws std::runtime_error when the backend
  // does not answer others any more, or counts queries of a trial that has no connection left.
  void send(std::span<const std::byte> burst) {
    if (burst.empty()) return;
    std::set<std::uint16_t> trials;
    {
      Client senders[] = {Client(server_.unix()), Client(server_.unix())};
      const std::size_t piece = 1 + 3 * std::to_integer<std::size_t>(burst[0]);
      std::span<const std::byte> left = burst.subspan(1);
      for (std::size_t i = 0; !left.empty(); ++i) {
        const std::span<const std::byte> part = take_part(left);
        send_in_pieces(senders[i % 2], part, piece);
        add_trials_in<wire::Request>(part, trials);
        add_trials_in<control::Order>(part, trials);
      }
    }
    if (!witness_.ask({.id = 1}).answers(1, 0)) throw std::runtime_error("a wrong reply");
    controller_.statistics();  // the connections' ends were seen before this was answered,
    for (const std::uint16_t trial : trials) {
      const control::Report report = controller_.statistics(trial);  // and handled before this
      if (report.in_flight != 0 || report.idle_connections != 0)
        throw std::runtime_error("trial " + std::to_string(trial) + " has " +
                                 std::to_string(report.in_flight) + " queries in flight and " +
                                 std::to_string(report.idle_connections) + " idle connections");
    }
  }

 private:
  // What comes before the next change over, which is taken off as well.
  static std::span<const std::byte> take_part(std::span<const std::byte>& bytes) {
    const auto mark = std::as_bytes(std::span(change_over));
    // std::ranges::search() is more than clang 14 can make of this library.
    const auto found = std::search(bytes.begin(), bytes.end(), mark.begin(), mark.end());
    const std::span<const std::byte> part(bytes.begin(), found);
    bytes = bytes.subspan(part.size());
    if (!bytes.empty()) bytes = bytes.subspan(mark.size());
    return part;
  }

  static void send_in_pieces(Client& sender, std::span<const std::byte> bytes, std::size_t piece) {
    while (!bytes.empty()) {
      const auto next = bytes.first(std::min(piece, bytes.size()));
      bytes = bytes.subspan(next.size());
      // Refused when the backend has closed the connection, as it should after nonsense.
      if (::send(sender.fd(), next.data(), next.size(), MSG_NOSIGNAL) < 0) return;
      std::byte reply[4096];
      [[maybe_unused]] const ssize_t received =
          ::recv(sender.fd(), reply, sizeof reply, MSG_DONTWAIT);
    }
  }

  // The trials that frames at their proper places name.
  template <class Frame>
  static void add_trials_in(std::span<const std::byte> bytes, std::set<std::uint16_t>& trials) {
    for (; bytes.size() >= sizeof(Frame); bytes = bytes.subspan(sizeof(Frame))) {
      Frame frame;
      std::memcpy(&frame, bytes.data(), sizeof frame);
      trials.insert(static_cast<std::uint16_t>(frame.trial));
    }
  }

  RunningServer server_;
  Client witness_{server_.unix()};
  Controller controller_{server_.unix()};
};

}  // namespace waitbench::backend
