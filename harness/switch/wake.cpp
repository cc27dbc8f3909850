// What a wake-up costs when many connections are watched and few have news: the engines of the
// models, driven by hand. The connections are Unix sockets, whose other ends we hold ourselves.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "harness/machine/limits.hpp"
#include "harness/switch/ring.hpp"
#include "impls/engines/all.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench::micro {
namespace {

void check(bool fine, const char* what) {
  if (!fine) throw std::system_error(errno, std::generic_category(), what);
}

constexpr std::size_t other_descriptors = 64;  // of the process, at most

// Where select could not count to all of them, those that are watched get the numbers that it can
// count to.
bool are_many(std::size_t connections) {
  return 2 * connections + other_descriptors > FD_SETSIZE;
}

class Listener {
 public:
  Listener() : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    check(static_cast<bool>(socket_), "cannot make a socket");
    check(::bind(socket_.get(), address_.get(), address_.size) == 0, "cannot name a socket");
    check(::listen(socket_.get(), 16) == 0, "cannot listen");
  }

  const Address& address() const { return address_; }

  // The other end of the connection that came first, with a number that is not below `least`.
  Descriptor accept(int least) const {
    const Descriptor accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    check(static_cast<bool>(accepted), "cannot accept a connection");
    Descriptor moved(::fcntl(accepted.get(), F_DUPFD_CLOEXEC, least));
    check(static_cast<bool>(moved), "cannot accept a connection");
    return moved;
  }

 private:
  Address address_ = unix_address(fmt::format("waitbench-{}-wake", getpid()));
  Descriptor socket_;
};

void send_byte(int peer) {
  const char byte = 'x';
  check(::send(peer, &byte, 1, MSG_NOSIGNAL) == 1, "cannot send a byte");
}

// Connections of an engine, on each of which a read is under way.
template <Engine E>
class Watched {
 public:
  explicit Watched(std::size_t connections) : channels_(std::make_unique<Channel[]>(connections)) {
    for (std::size_t i = 0; i < connections; ++i) {
      connect(channels_[i]);
      peers_.push_back(listener_.accept(are_many(connections) ? FD_SETSIZE : 0));
    }
    for (std::size_t i = 0; i < connections; ++i) begin_read(channels_[i]);
  }

  int peer(std::size_t i) const { return peers_[i].get(); }

  // Waits until so many have read something, each of which then reads on.
  void await_reads(std::size_t expected) {
    for (std::size_t got = 0; got < expected;)
      engine_.wait([&](Channel& channel, Outcome outcome) {
        if (outcome != 1) throw std::runtime_error(fmt::format("a read gave {}", outcome));
        ++got;
        begin_read(channel);
      });
  }

 private:
  using Channel = typename E::Channel;

  void connect(Channel& channel) {
    std::optional<Outcome> outcome = engine_.start(channel, Step::connect(listener_.address()));
    while (!outcome) engine_.wait([&](Channel&, Outcome how) { outcome = how; });
    errno = -*outcome;
    check(*outcome == 0, "cannot connect");
  }

  // There is room for more than comes: an exact fit would mean that there may be more.
  void begin_read(Channel& channel) {
    if (engine_.start(channel, Step::read(room_.data(), room_.size())))
      throw std::runtime_error("a read ended before anything was sent");
  }

  std::array<std::byte, 8> room_;
  Listener listener_;
  std::vector<Descriptor> peers_;
  std::unique_ptr<Channel[]> channels_;  // which outlive the engine that points to them
  E engine_;
};

template <Engine E>
void wake(benchmark::State& state, std::size_t watched, std::size_t ready) {
  Watched<E> connections(watched);
  std::vector<int> peers;  // evenly among the watched
  for (std::size_t i = 0; i < ready; ++i)
    peers.push_back(connections.peer((2 * i + 1) * watched / (2 * ready)));
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(ready))) {
    for (const int peer : peers) send_byte(peer);
    connections.await_reads(ready);
  }
}

// What any wake-up has in it: a byte goes into a socket, and comes out of its other end.
void send_and_receive(benchmark::State& state, CpuPair) {
  int ends[2];
  check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "cannot make sockets");
  const Descriptor one(ends[0]), other(ends[1]);
  std::array<char, 8> room;
  for (auto _ : state) {
    send_byte(one.get());
    check(::recv(other.get(), room.data(), room.size(), 0) == 1, "cannot receive a byte");
  }
}

template <Engine E>
std::string objection(std::size_t watched) {
  const std::size_t limit = machine_limits().descriptors;
  if constexpr (requires { E::max_connections; })
    if (watched > E::max_connections)
      return fmt::format("it can watch {} connections at most", E::max_connections);
  const std::size_t ends = std::max(2 * watched, are_many(watched) ? FD_SETSIZE + watched : 0);
  if (ends + other_descriptors > limit)
    return fmt::format("{} connections with both of their ends pass the limit of {} descriptors",
                       watched, limit);
  if constexpr (requires { E::unavailable(); }) return E::unavailable();
  return "";
}

template <Engine E>
void add_engine(std::vector<Benchmark>& all) {
  const auto add = [&](std::size_t watched, std::size_t ready) {
    all.push_back({.family = "wake",
                   .model = std::string(E::name),
                   .engine = std::string(E::name),
                   .operation = "a byte is sent to one of the watched connections, and the engine "
                                "wakes up, hands it out and watches on",
                   .axes = {.watched = watched, .ready = ready},
                   .run = [=](benchmark::State& state, CpuPair) { wake<E>(state, watched, ready); },
                   .unavailable = [=] { return objection<E>(watched); }});
  };
  for (const std::size_t watched : {1, 8, 64, 512, 4096}) add(watched, 1);
  for (const std::size_t watched : {64, 512, 4096}) add(watched, watched / 10);
}

template <Engine... E>
void add_engines(std::vector<Benchmark>& all, EngineList<E...>) {
  (add_engine<E>(all), ...);
}

}  // namespace

std::vector<Benchmark> wake_benchmarks() {
  std::vector<Benchmark> all;
  all.push_back({.family = "wake",
                 .model = "send-receive",
                 .role = "reference",
                 .operation = "a byte is sent to a connection and received at its other end, and "
                              "nobody waits",
                 .axes = {.watched = 0, .ready = 1},
                 .run = send_and_receive});
  add_engines(all, Engines());
  return all;
}

}  // namespace waitbench::micro
