// The least that a query can cost a server: one recv of its request and one send of its reply, on
// connections whose requests have arrived. Nothing is looked for, decided, stamped or made up.
//
// Server and client are processes of their own, on the CPUs of the backend and of the clients. The
// connections are two groups, one with the server while the other is with the client, so that both
// CPUs are as busy as they are in a turn: on a virtual machine they may be halves of one core. When
// one has to wait for the other it spins, and that is not timed. The client has its ends in an
// epoll set, as callback-epoll has: what the kernel does to report a reply to it is part of the
// send.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/backend/listener.hpp"
#include "harness/machine/placement.hpp"
#include "harness/os/shared_memory.hpp"
#include "harness/workloads/cell.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "impls/lib/children.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

class BareServer {
 public:
  // Serves the queries of `cell`, and measures what one costs.
  BareServer(const Cell& cell, Placement placement)
      : placement_(std::move(placement)),
        reply_(sizeof(wire::ReplyHeader) + cell.reply_bytes),
        shared_(SharedMemory::create("bare-server", sizeof(Shared))) {
    new (shared_.data()) Shared;
    const backend::Listener listener(
        cell.transport == Transport::unix
            ? unix_address("waitbench-bare-" + std::to_string(getpid()))
            : tcp_address(htonl(INADDR_LOOPBACK), 0));
    for (std::size_t i = 0; i < cell.in_flight; ++i) connect(listener, groups_[i % groups_.size()]);
  }

  // CPU time of the server for each of some `queries`, in microseconds.
  double cpu_us_per_query(std::uint64_t queries) {
    const std::uint64_t per_pass = groups_[0].size() + groups_[1].size();
    const std::uint64_t passes = queries / per_pass + warm_up_passes;
    new (shared_.data()) Shared;
    Children children;
    children.start([=, this] { ask(passes); });
    children.start([=, this] { serve(passes); });
    children.wait_for_all();
    return static_cast<double>(shared().cpu_ns) / ns_per_us /
           static_cast<double>((passes - warm_up_passes) * per_pass);
  }

 private:
  static constexpr std::uint64_t warm_up_passes = 20;

  struct Connection {
    Descriptor client;
    Descriptor server;
  };
  using Group = std::vector<Connection>;

  struct Shared {
    alignas(64) std::array<std::atomic<std::uint64_t>, 2> asked{};  // passes, by group
    alignas(64) std::array<std::atomic<std::uint64_t>, 2> answered{};
    alignas(64) std::int64_t cpu_ns = 0;
  };
  Shared& shared() const { return *reinterpret_cast<Shared*>(shared_.data()); }

  static void check(bool done, const char* what) {
    if (!done) throw std::system_error(errno, std::generic_category(), what);
  }

  static void connect(const backend::Listener& listener, Group& group) {
    Descriptor client;
    const int connecting = start_connect(client, listener.address());
    errno = -connecting;
    check(connecting == 0 || connecting == -EINPROGRESS, "connect");
    Descriptor server;
    while (!(server = listener.accept())) check(errno == EAGAIN, "accept");
    group.push_back({std::move(client), std::move(server)});
  }

  static void wait_for(const std::atomic<std::uint64_t>& passes, std::uint64_t least) {
    while (passes.load(std::memory_order_acquire) < least) continue;
  }

  static void receive(int socket, std::vector<std::byte>& bytes) {
    const ssize_t received = ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    check(received == static_cast<ssize_t>(bytes.size()), "recv");
  }
  static void send(int socket, const std::vector<std::byte>& bytes) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    check(sent == static_cast<ssize_t>(bytes.size()), "send");
  }

  Descriptor watch_clients() const {
    Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
    for (const Group& group : groups_)
      for (const Connection& connection : group) {
        epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data = {}};
        const int socket = connection.client.get();
        check(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, socket, &event) == 0, "epoll_ctl");
      }
    return epoll;
  }

  // Each readable connection is reported once, so that its next reply is news again.
  void take_events(const Descriptor& epoll) const {
    std::array<epoll_event, 256> events;
    const int most = static_cast<int>(events.size());
    check(epoll_wait(epoll.get(), events.data(), most, 0) >= 0, "epoll_wait");
  }

  void ask(std::uint64_t passes) {
    pin(placement_.client_cpus);
    const Descriptor epoll = watch_clients();
    std::vector<std::byte> request(sizeof(wire::Request)), reply(reply_);
    for (std::uint64_t pass = 0; pass < passes; ++pass)
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        wait_for(shared().answered[g], pass);
        take_events(epoll);
        for (const Connection& connection : groups_[g]) {
          if (pass > 0) receive(connection.client.get(), reply);
          send(connection.client.get(), request);
        }
        shared().asked[g].store(pass + 1, std::memory_order_release);
      }
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      wait_for(shared().answered[g], passes);
      for (const Connection& connection : groups_[g]) receive(connection.client.get(), reply);
    }
  }

  void serve(std::uint64_t passes) {
    pin(placement_.backend_cpus);
    std::vector<std::byte> request(sizeof(wire::Request)), reply(reply_);
    for (std::uint64_t pass = 0; pass < passes; ++pass)
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        wait_for(shared().asked[g], pass + 1);
        const std::int64_t from_ns = read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        for (const Connection& connection : groups_[g]) {
          receive(connection.server.get(), request);
          send(connection.server.get(), reply);
        }
        if (pass >= warm_up_passes)
          shared().cpu_ns += read_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - from_ns;
        shared().answered[g].store(pass + 1, std::memory_order_release);
      }
  }

  Placement placement_;
  std::size_t reply_;
  SharedMemory shared_;
  std::array<Group, 2> groups_;
};

}  // namespace waitbench
