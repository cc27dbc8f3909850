// The server of a workload: the backend that every model is measured against. It replies to the
// workload's queries over TCP and over a Unix socket, and holds trials at their gates.
//
// It has to outrun its clients, so it is one thread around one epoll instance, and per query makes
// one recv and one send: no allocation, no output buffer, no heap of deadlines for a reply that is
// due at once, and one reading of the clock, by which the query is received and its reply sent.
// Events of connections are edge-triggered, else the kernel would look at each socket once more.
#pragma once

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/backend/connection.hpp"
#include "harness/backend/gate.hpp"
#include "harness/backend/listener.hpp"
#include "harness/workloads/protocol.hpp"
#include "impls/lib/address.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/descriptor.hpp"
#include "impls/lib/timer_queue.hpp"

namespace waitbench::backend {

struct ServerOptions {
  Address tcp = tcp_address(htonl(INADDR_LOOPBACK), 0);  // port 0: any that is free
  std::string unix_name{};                               // in the abstract namespace
  std::int64_t stall_ns = 10 * ns_per_s;  // a peer that reads nothing for so long is dropped
  // What it says when a harness asks what machine it is on; it serves nobody meanwhile.
  std::function<std::string()> describe = [] { return std::string("{}"); };
};

class Server {
 public:
  // Listens when it returns. The protocol must outlive it. Throws std::system_error with one line
  // when it cannot.
  Server(const Protocol& protocol, const ServerOptions& options);

  void run();                      // until request_stop()
  void request_stop() noexcept;    // from any thread, or from a signal handler
  std::uint16_t tcp_port() const;  // the one in use
  const Address& tcp_address() const { return tcp_.address(); }
  const std::string& unix_name() const { return unix_name_; }

 private:
  struct Trial {
    std::uint16_t number = 0;
    std::uint64_t controller = 0;  // the connection that gave the last order, and gets the reports
    Gate gate;
  };

  // What an event is about: a connection's id, or one of these, which are no ids.
  static constexpr std::uint64_t stop_token = 1;
  static constexpr std::uint64_t tcp_token = 2;
  static constexpr std::uint64_t unix_token = 3;

  // What is always watched of a connection.
  static constexpr std::uint32_t input_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

  // server.cpp: the loop.
  void wait_and_handle();
  void handle(const epoll_event& event);
  timespec* next_timeout(timespec& storage);
  void answer_what_is_due();
  void continue_unfinished();
  void drop_stalled();
  void close_marked();
  bool set_interest(int operation, int fd, std::uint32_t events, std::uint64_t token);

  // accepting.cpp: who connects.
  void accept_from(const Listener& listener);
  void watch_listeners();
  void stop_accepting();

  // traffic.cpp: what goes through connections.
  void receive(Connection& connection, bool until_empty);
  void handle_all(Connection& connection, std::span<const std::byte> bytes);
  void half_close(Connection& connection);
  void send(Connection& connection, Message message);
  void flush(Connection& connection);
  void after_sending(Connection& connection, Outbox::State state, bool moved);
  void account(Connection& connection, const Message& message);
  void watch_stall(Connection& connection);
  void update_interest(Connection& connection);
  void mark_for_close(Connection& connection);
  void drop_bad_peer(Connection& connection);

  // requests.cpp: queries, and when they are answered. handle_...() take one frame off the front of
  // `bytes`; false: it is not whole yet, or the peer is dropped for it.
  bool handle_front(Connection& connection, std::span<const std::byte>& bytes);
  bool handle_request(Connection& connection, std::span<const std::byte>& bytes);
  static Offence offence_of(const Connection& connection, const PendingReply& query);
  void enter(Connection& connection, PendingReply& query);
  void answer_in_time(const std::vector<PendingReply>& replies);
  void answer_in_time(const PendingReply& reply);
  void answer(const PendingReply& reply);
  void forget_orphans(std::size_t more);

  // orders.cpp: how trials are held.
  bool handle_order(Connection& connection, std::span<const std::byte>& bytes);
  void refuse_version(Connection& connection, const control::Order& order);
  void carry_out(Connection& connection, const control::Order& order);
  void hang_up(Trial& trial);
  void send_cycles(Connection& connection, const Trial& trial, std::uint32_t sequence);
  void send_description(Connection& connection, std::uint32_t sequence);
  void forget_trials_of(std::uint64_t controller);
  void notify(Trial& trial);
  control::Report report(const Trial& trial, control::ReportKind kind) const;
  void send_report(Connection& connection, const control::Report& report);
  Trial& trial_of(std::uint16_t number);

  const Protocol& protocol_;
  std::string unix_name_;
  std::int64_t stall_ns_;
  std::function<std::string()> describe_;
  Listener tcp_;
  Listener unix_;
  Descriptor epoll_;
  Descriptor stop_;
  bool stopping_ = false;
  bool accepting_ = false;
  bool has_said_full_ = false;
  bool has_said_version_ = false;

  Connections connections_;
  TimerQueue<PendingReply> due_;           // replies that are not due yet
  std::size_t orphans_ = 0;                // of them, at most so many have lost their connection
  TimerQueue<std::uint64_t> stalls_;       // when a blocked connection is looked at again
  std::vector<std::uint64_t> unread_;      // connections that are read again in the next pass
  std::vector<std::uint64_t> unfinished_;  // ... that go on sending
  std::vector<std::uint64_t> continued_;   // ... either, in this pass
  std::vector<Connection*> marked_;        // for close
  std::vector<std::unique_ptr<Trial>> trials_;  // by number, made when first mentioned

  std::size_t max_frame_bytes_;  // of an order or a request
  std::vector<std::byte> input_;
  std::vector<std::byte> output_;
  std::int64_t now_ns_ = 0;       // the clock as last read
  bool clock_is_fresh_ = false;   // nothing was sent since: the time of sending need not be read
  std::int64_t received_ns_ = 0;  // when the bytes that are handled now were read
  std::uint64_t accepted_ = 0;
  std::uint64_t served_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace waitbench::backend
