// Delay queries as they pass the loopback interface, with the kernel's own time stamps: an
// instrument that neither the client nor the backend takes part in.
#pragma once

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <thread>

#include "harness/workloads/delay/wire.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench {

class PacketCapture {
 public:
  struct Passage {
    std::int64_t request_ns = 0;  // CLOCK_MONOTONIC; 0: not seen
    std::int64_t reply_ns = 0;
  };

  // Whether this process may capture at all: it needs root.
  static bool allowed() { return static_cast<bool>(open_socket()); }

  // Captures from now on what goes to and comes from the backend at `port`.
  explicit PacketCapture(std::uint16_t port)
      : port_(port),
        socket_(open_socket()),
        listener_([this](std::stop_token stop) { listen(stop); }) {}

  // What has passed, by the id of the query. Not to be called but once, at the end.
  const std::map<std::uint64_t, Passage>& stop() {
    listener_.request_stop();
    listener_.join();
    return passages_;
  }

 private:
  static Descriptor open_socket() {
    Descriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP)));
    if (!socket) return socket;
    sockaddr_ll loopback{};
    loopback.sll_family = AF_PACKET;
    loopback.sll_protocol = htons(ETH_P_IP);
    loopback.sll_ifindex = static_cast<int>(if_nametoindex("lo"));
    constexpr int on = 1, room = 64 << 20;
    setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&loopback), sizeof loopback) != 0)
      return {};
    return socket;
  }

  // Goes on until it is asked to stop and nothing more is there.
  void listen(std::stop_token stop) {
    constexpr int glance_ms = 50;
    while (true) {
      pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
      if (poll(&readable, 1, glance_ms) == 1)
        take_packet();
      else if (stop.stop_requested())
        return;
    }
  }

  void take_packet() {
    std::array<std::byte, 256> bytes;
    std::array<char, 256> extra;
    iovec piece{.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = extra.data();
    message.msg_controllen = extra.size();
    const ssize_t size = recvmsg(socket_.get(), &message, 0);
    const std::optional<std::int64_t> at_ns = stamp_of(message);
    if (size > 0 && at_ns)
      enter(std::span<const std::byte>(bytes).first(static_cast<std::size_t>(size)), *at_ns);
  }

  // The kernel stamps packets by its clock of the day.
  std::optional<std::int64_t> stamp_of(msghdr& message) const {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part))
      if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
        timespec time;
        std::memcpy(&time, CMSG_DATA(part), sizeof time);
        return time.tv_sec * ns_per_s + time.tv_nsec - day_ns_;
      }
    return std::nullopt;
  }

  template <class T>
  static std::optional<T> read(std::span<const std::byte> bytes, std::size_t at) {
    if (bytes.size() < at + sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }

  // A request or a reply that begins with the packet's payload; both have their id after 8 bytes.
  void enter(std::span<const std::byte> packet, std::int64_t at_ns) {
    const auto ip = read<iphdr>(packet, 0);
    if (!ip || ip->protocol != IPPROTO_TCP) return;
    const std::size_t tcp_at = ip->ihl * 4U;
    const auto tcp = read<tcphdr>(packet, tcp_at);
    if (!tcp) return;
    const std::size_t payload_at = tcp_at + tcp->doff * 4U;
    const auto magic = read<std::uint32_t>(packet, payload_at);
    const auto id = read<std::uint64_t>(packet, payload_at + 8);
    if (!magic || !id) return;
    if (ntohs(tcp->dest) == port_ && *magic == wire::request_magic)
      passages_[*id].request_ns = at_ns;
    if (ntohs(tcp->source) == port_ && *magic == wire::reply_magic) passages_[*id].reply_ns = at_ns;
  }

  std::uint16_t port_;
  std::int64_t day_ns_ = read_clock_ns(CLOCK_REALTIME) - now_ns();
  Descriptor socket_;
  std::map<std::uint64_t, Passage> passages_;
  std::jthread listener_;  // last: it uses the others
};

}  // namespace waitbench
