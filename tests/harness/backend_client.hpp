// For tests of the backend: a server of the delay query in a thread of this process, and plain
// blocking peers that wait for ten seconds at most: a client, and one that gives orders.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/backend/server.hpp"
#include "harness/workloads/delay/protocol.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/payload.hpp"
#include "impls/lib/address.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench::backend {

// Waits, for ten seconds at most, until a thread (`/proc/.../stat`) sleeps. One for which the same
// event is ready again and again never does.
inline bool falls_asleep(const std::string& stat_file) {
  for (int i = 0; i < 1'000; ++i) {
    std::string stat;
    std::getline(std::ifstream(stat_file), stat);
    const std::size_t name_end = stat.rfind(')');
    if (name_end != stat.npos && stat.substr(name_end, 3) == ") S") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class RunningServer {
 public:
  explicit RunningServer(ServerOptions options = {})
      : server_(delay_protocol, named(std::move(options))), thread_([this] {
          thread_id_ = gettid();
          server_.run();
        }) {}
  ~RunningServer() {
    server_.request_stop();
    thread_.join();
  }
  Address tcp() const { return server_.tcp_address(); }
  Address unix() const { return unix_address(server_.unix_name()); }
  bool falls_asleep() const {  // to be asked after it has answered something
    return backend::falls_asleep("/proc/self/task/" + std::to_string(thread_id_) + "/stat");
  }

 private:
  static ServerOptions named(ServerOptions options) {
    static std::atomic<int> servers = 0;
    options.unix_name =
        "waitbench-test-" + std::to_string(getpid()) + "-" + std::to_string(++servers);
    return options;
  }

  Server server_;
  std::atomic<pid_t> thread_id_ = 0;
  std::thread thread_;
};

struct Reply {
  wire::ReplyHeader header;
  std::vector<std::byte> payload;

  // Whether it is the whole and right answer to query `id`.
  bool answers(std::uint64_t id, std::size_t payload_bytes) const {
    return header.magic == wire::reply_magic && header.id == id &&
           header.payload_bytes == payload_bytes && payload_matches(id, 0, payload);
  }
};

class Client {
 public:
  explicit Client(const Address& address)
      : socket_(::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval bound = {.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
    setsockopt(fd(), SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound));
    if (::connect(fd(), address.get(), address.size) != 0)
      throw std::runtime_error("cannot connect");
  }

  int fd() const { return socket_.get(); }

  void send_bytes(std::span<const std::byte> bytes) {
    const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("cannot send");
  }
  void send(const wire::Request& request) { send_bytes(std::as_bytes(std::span(&request, 1))); }

  void read_bytes(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t read = ::recv(fd(), bytes.data(), bytes.size(), 0);
      if (read < 0 && errno == EINTR) continue;
      if (read <= 0) throw std::runtime_error(read == 0 ? "closed by the server" : "no answer");
      bytes = bytes.subspan(static_cast<std::size_t>(read));
    }
  }
  Reply read_reply() {
    Reply reply;
    read_bytes(std::as_writable_bytes(std::span(&reply.header, 1)));
    reply.payload.resize(reply.header.payload_bytes);
    read_bytes(reply.payload);
    return reply;
  }
  Reply ask(const wire::Request& request) {
    send(request);
    return read_reply();
  }

  // Waits until the server closes the connection; what it still sends is thrown away.
  bool is_closed_by_server() {
    std::vector<std::byte> ignored(1 << 16);
    ssize_t read = 0;
    do read = ::recv(fd(), ignored.data(), ignored.size(), 0);
    while (read > 0);
    return read == 0 || errno == ECONNRESET;
  }
  // Whether nothing has arrived that was not read.
  bool has_received_nothing() {
    std::byte next{};
    return ::recv(fd(), &next, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }
  void end_sending() { ::shutdown(fd(), SHUT_WR); }
  // Closes so that the server notices at once, over TCP too.
  void vanish() {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    socket_.reset();
  }

 private:
  Descriptor socket_;
};

// Who holds and opens the gates of trials.
class Controller : public Client {
 public:
  using Client::Client;

  // Gives the order, and waits for its acknowledgement. Events that are reported before are kept
  // for read_event().
  control::Report order(control::Order order) {
    order.sequence = ++sequence_;
    send_bytes(std::as_bytes(std::span(&order, 1)));
    while (true) {
      const control::Report report = read_report();
      if (report.sequence == sequence_) return report;
      events_.push_back(report);
    }
  }
  control::Report statistics(std::uint16_t trial = 0) {
    return order({.kind = control::OrderKind::statistics, .trial = trial});
  }
  control::Report read_event() {
    if (events_.empty()) return read_report();
    const control::Report event = events_.front();
    events_.pop_front();
    return event;
  }
  control::Report read_report() {
    control::Report report;
    read_bytes(std::as_writable_bytes(std::span(&report, 1)));
    if (report.magic != control::magic) throw std::runtime_error("not a report");
    return report;
  }

 private:
  std::uint32_t sequence_ = 0;
  std::deque<control::Report> events_;
};

// Asks again and again, for ten seconds at most, until `is_as_expected(report)`.
template <class Predicate>
bool statistics_become(Controller& controller, std::uint16_t trial, Predicate&& is_as_expected) {
  for (int i = 0; i < 1'000; ++i) {
    if (is_as_expected(controller.statistics(trial))) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace waitbench::backend
