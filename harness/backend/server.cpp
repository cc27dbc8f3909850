// The event loop and the connections; what a request means is in requests.cpp.
#include "harness/backend/server.hpp"

#include <fmt/core.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

namespace waitbench::backend {
namespace {

constexpr std::size_t chunk_bytes = 64 << 10;
constexpr std::size_t expected_timers = 100'000;
constexpr std::size_t max_trials = 1 << 16;
constexpr int accepts_per_event = 256;
constexpr int events_per_wait = 128;

// What an event is about: a connection's id, or one of these, which are no ids.
constexpr std::uint64_t stop_token = 1;
constexpr std::uint64_t tcp_token = 2;
constexpr std::uint64_t unix_token = 3;

Descriptor checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return Descriptor(fd);
}

bool control(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  return epoll_ctl(epoll, operation, fd, &event) == 0;
}

}  // namespace

DelayServer::DelayServer(const ServerOptions& options)
    : unix_name_(options.unix_name),
      stall_ns_(options.stall_ns),
      tcp_(options.tcp),
      unix_(unix_address(options.unix_name)),
      epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      stop_(checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")),
      trials_(max_trials),
      input_(chunk_bytes + sizeof(wire::Request)),
      output_(chunk_bytes) {
  due_.reserve(expected_timers);
  control(epoll_.get(), EPOLL_CTL_ADD, stop_.get(), EPOLLIN, stop_token);
  watch_listeners();
}

std::uint16_t DelayServer::tcp_port() const {
  return ntohs(reinterpret_cast<const sockaddr_in*>(tcp_.address().get())->sin_port);
}

void DelayServer::request_stop() noexcept {
  const std::uint64_t one = 1;
  // It can fail only by being full of earlier requests.
  [[maybe_unused]] const ssize_t written = ::write(stop_.get(), &one, sizeof(one));
}

void DelayServer::run() {
  prctl(PR_SET_TIMERSLACK, 1UL);  // else every delay may be 50 us longer
  while (!stopping_) {
    wait_and_handle();
    answer_what_is_due();
    continue_unfinished();
    drop_stalled();
    bury_doomed();
  }
}

void DelayServer::wait_and_handle() {
  std::array<epoll_event, events_per_wait> events;
  timespec storage;
  const int ready =
      epoll_pwait2(epoll_.get(), events.data(), events_per_wait, next_timeout(storage), nullptr);
  if (ready < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  now_ns_ = now_ns();
  for (int i = 0; i < ready; ++i) {
    handle(events[static_cast<std::size_t>(i)]);
    answer_what_is_due();  // a deadline does not wait for the rest of the batch
  }
}

// How long there is nothing to do; null: until an event comes.
timespec* DelayServer::next_timeout(timespec& storage) {
  const std::int64_t deadline_ns = std::min(due_.next_deadline_ns(), stalls_.next_deadline_ns());
  if (deadline_ns == due_.never && unfinished_.empty()) return nullptr;
  const std::int64_t wait_ns = unfinished_.empty() ? deadline_ns - now_ns() : 0;
  storage = to_timespec(std::max<std::int64_t>(wait_ns, 0));
  return &storage;
}

void DelayServer::handle(const epoll_event& event) {
  switch (event.data.u64) {
    case stop_token: stopping_ = true; return;
    case tcp_token: accept_from(tcp_); return;
    case unix_token: accept_from(unix_); return;
  }
  Connection* const connection = connections_.find(event.data.u64);
  if (connection == nullptr) return;
  if (event.events & EPOLLERR) return doom(*connection);
  if (event.events & EPOLLIN) receive(*connection);
  if (event.events & EPOLLOUT && !connection->doomed) flush(*connection);
  // Both directions are closed, as a half-closed peer's are not: nobody is left to be answered.
  if (event.events & EPOLLHUP) doom(*connection);
}

void DelayServer::answer_what_is_due() {
  while (due_.next_deadline_ns() <= now_ns_) answer(due_.pop());
}

void DelayServer::continue_unfinished() {
  std::swap(unfinished_, continued_);
  for (const std::uint64_t id : continued_) {
    if (Connection* const connection = connections_.find(id)) flush(*connection);
  }
  continued_.clear();
}

void DelayServer::drop_stalled() {
  while (stalls_.next_deadline_ns() <= now_ns_) {
    Connection* const connection = connections_.find(stalls_.pop());
    if (connection == nullptr) continue;
    connection->stall_is_watched = false;
    if (!connection->blocked) continue;
    if (now_ns_ - connection->progress_ns >= stall_ns_)
      drop_offender(*connection);
    else
      watch_stall(*connection);
  }
}

// Connections are closed here and nowhere else, so that no function finds its own closed under it.
void DelayServer::bury_doomed() {
  if (doomed_.empty()) return;
  for (std::size_t i = 0; i < doomed_.size(); ++i) {  // burying one may doom another
    Connection& connection = *doomed_[i];
    Trial& of = trial_of(connection.trial);
    of.gate.lose(connection.id, connection.queries);
    if (connection.conducts) forget_trials_of(connection.id);
    const std::size_t owed = connection.queries;
    connections_.remove(connection);
    forget_orphans(owed);
    tell_news(of);
  }
  doomed_.clear();
  if (!accepting_) watch_listeners();
}

void DelayServer::watch_listeners() {
  accepting_ = control(epoll_.get(), EPOLL_CTL_ADD, tcp_.fd(), EPOLLIN, tcp_token) &&
               control(epoll_.get(), EPOLL_CTL_ADD, unix_.fd(), EPOLLIN, unix_token);
  if (!accepting_) throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void DelayServer::accept_from(const Listener& listener) {
  for (int i = 0; accepting_ && i < accepts_per_event; ++i) {
    Descriptor socket = listener.accept();
    if (!socket) {
      const bool is_full =
          errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (is_full) stop_accepting();
      return;
    }
    ++accepted_;
    Connection& connection = connections_.add(std::move(socket));
    connection.interest = EPOLLIN;
    if (!control(epoll_.get(), EPOLL_CTL_ADD, connection.socket.get(), EPOLLIN, connection.id))
      doom(connection);
  }
}

// Who knocks meanwhile waits in the kernel's queue. Left in epoll, the listeners would be reported
// again and again.
void DelayServer::stop_accepting() {
  const int why = errno;
  accepting_ = false;
  control(epoll_.get(), EPOLL_CTL_DEL, tcp_.fd(), 0, 0);
  control(epoll_.get(), EPOLL_CTL_DEL, unix_.fd(), 0, 0);
  if (std::exchange(has_said_full_, true)) return;
  fmt::print(stderr,
             "waitbench serve: no more than {} connections fit ({}); the next is accepted when one "
             "closes\n",
             connections_.size(), std::strerror(why));
}

void DelayServer::receive(Connection& connection) {
  // What an earlier read left of a request is put before what this one brings.
  std::byte* const fresh = input_.data() + sizeof(wire::Request);
  const ssize_t received =
      ::recv(connection.socket.get(), fresh, input_.size() - sizeof(wire::Request), MSG_DONTWAIT);
  if (received == 0) return half_close(connection);
  if (received < 0) {
    if (errno != EAGAIN && errno != EINTR) doom(connection);
    return;
  }
  const std::int64_t received_ns = now_ns_ = now_ns();
  std::byte* const first = fresh - connection.request_bytes;
  std::memcpy(first, connection.request.data(), connection.request_bytes);
  std::span<const std::byte> bytes(first, fresh + received);

  while (bytes.size() >= sizeof(wire::Request)) {
    wire::Request request;
    std::memcpy(&request, bytes.data(), sizeof(request));
    bytes = bytes.subspan(sizeof(request));
    obey(connection, request, received_ns);
    if (connection.doomed) return;
  }
  std::ranges::copy(bytes, connection.request.begin());
  connection.request_bytes = static_cast<std::uint16_t>(bytes.size());
}

// A peer that will ask no more still gets what it is owed.
void DelayServer::half_close(Connection& connection) {
  connection.half_closed = true;
  if (connection.owed() == 0) return doom(connection);
  update_interest(connection);
}

void DelayServer::send(Connection& connection, const Message& message) {
  connection.outbox.add(message);
  if (connection.outbox.size() == 1) flush(connection);  // else its turn will come
}

void DelayServer::flush(Connection& connection) {
  bool moved = false;
  const Outbox::State state =
      connection.outbox.send_some(connection.socket.get(), output_, moved,
                                  [&](const Message& message) { account(connection, message); });
  if (state == Outbox::State::broken) return doom(connection);
  if (state == Outbox::State::unfinished) unfinished_.push_back(connection.id);

  const bool was_blocked = std::exchange(connection.blocked, state == Outbox::State::blocked);
  if (connection.blocked) {
    if (moved || !was_blocked) connection.progress_ns = now_ns();
    watch_stall(connection);
  }
  update_interest(connection);
  if (connection.half_closed && connection.owed() == 0) doom(connection);
  tell_news(trial_of(connection.trial));
}

void DelayServer::account(Connection& connection, const Message& message) {
  now_ns_ = std::max(now_ns_, message.sent_ns());
  const Query* const query = message.query();
  if (query == nullptr) {
    --connection.reports;
    return;
  }
  ++served_;
  if (query->parked) {
    --connection.parks;
    return;
  }
  --connection.queries;
  trial_of(query->trial).gate.answered(*query, message.sent_ns());
}

void DelayServer::watch_stall(Connection& connection) {
  if (std::exchange(connection.stall_is_watched, true)) return;
  stalls_.push(connection.progress_ns + stall_ns_, connection.id);
}

void DelayServer::update_interest(Connection& connection) {
  const std::uint32_t interest = (connection.half_closed ? 0U : std::uint32_t{EPOLLIN}) |
                                 (connection.blocked ? std::uint32_t{EPOLLOUT} : 0U);
  if (std::exchange(connection.interest, interest) == interest) return;
  control(epoll_.get(), EPOLL_CTL_MOD, connection.socket.get(), interest, connection.id);
}

void DelayServer::doom(Connection& connection) {
  if (!std::exchange(connection.doomed, true)) doomed_.push_back(&connection);
}

void DelayServer::drop_offender(Connection& connection) {
  if (!connection.doomed) ++dropped_;
  doom(connection);
}

}  // namespace waitbench::backend
