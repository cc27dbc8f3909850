// The event loop: what is ready, what is due, and what is over. Listeners are in accepting.cpp,
// what goes through a connection is in traffic.cpp, what a
// request means in requests.cpp, and an order in orders.cpp.
#include "harness/backend/server.hpp"

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "harness/backend/endpoint.hpp"
#include "impls/lib/epoll_wait.hpp"

namespace waitbench::backend {
namespace {

constexpr std::size_t chunk_bytes = 64 << 10;
constexpr std::size_t expected_timers = 100'000;
constexpr std::size_t max_trials = 1 << 16;
constexpr int events_per_wait = 128;

Descriptor checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return Descriptor(fd);
}

}  // namespace

Server::Server(const Protocol& protocol, const ServerOptions& options)
    : protocol_(protocol),
      unix_name_(options.unix_name),
      stall_ns_(options.stall_ns),
      describe_(options.describe),
      tcp_(options.tcp),
      unix_(unix_address(options.unix_name)),
      epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      stop_(checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")),
      trials_(max_trials),
      max_frame_bytes_(std::max(protocol.max_request_bytes, sizeof(control::Order))),
      input_(chunk_bytes + max_frame_bytes_),
      output_(chunk_bytes) {
  due_.reserve(expected_timers);
  if (!set_interest(EPOLL_CTL_ADD, stop_.get(), EPOLLIN, stop_token))
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  watch_listeners();
}

std::uint16_t Server::tcp_port() const {
  return port_of(tcp_.address());
}

void Server::request_stop() noexcept {
  const std::uint64_t one = 1;
  // It can fail only by being full of earlier requests.
  [[maybe_unused]] const ssize_t written = ::write(stop_.get(), &one, sizeof(one));
}

void Server::run() {
  prctl(PR_SET_TIMERSLACK, 1UL);  // else every delay may be 50 us longer
  while (!stopping_) {
    wait_and_handle();
    answer_what_is_due();
    continue_unfinished();
    drop_stalled();
    close_marked();
  }
}

void Server::wait_and_handle() {
  std::array<epoll_event, events_per_wait> events;
  timespec storage;
  const int ready = wait_for_epoll(epoll_.get(), events, next_timeout(storage));
  now_ns_ = now_ns();
  for (int i = 0; i < ready; ++i) {
    handle(events[static_cast<std::size_t>(i)]);
    answer_what_is_due();  // a deadline does not wait for the rest of the batch
  }
}

// How long there is nothing to do; null: until an event comes.
timespec* Server::next_timeout(timespec& storage) {
  const std::int64_t deadline_ns = std::min(due_.next_deadline_ns(), stalls_.next_deadline_ns());
  const bool goes_on = !unread_.empty() || !unfinished_.empty();
  if (deadline_ns == due_.never && !goes_on) return nullptr;
  const std::int64_t wait_ns = goes_on ? 0 : deadline_ns - now_ns();
  storage = to_timespec(std::max<std::int64_t>(wait_ns, 0));
  return &storage;
}

void Server::handle(const epoll_event& event) {
  switch (event.data.u64) {
    case stop_token: stopping_ = true; return;
    case tcp_token: accept_from(tcp_); return;
    case unix_token: accept_from(unix_); return;
  }
  Connection* const connection = connections_.find(event.data.u64);
  if (connection == nullptr) return;
  if (event.events & EPOLLERR) {  // it was reset; what was sent before can still be read
    receive(*connection, false);
    return mark_for_close(*connection);
  }
  if (event.events & (EPOLLIN | EPOLLRDHUP)) receive(*connection, event.events & EPOLLRDHUP);
  if (event.events & EPOLLOUT && !connection->marked) flush(*connection);
  // Both directions are closed, as a half-closed peer's are not: so nobody reads replies.
  if (event.events & EPOLLHUP) mark_for_close(*connection);
}

void Server::answer_what_is_due() {
  while (due_.next_deadline_ns() <= now_ns_) answer(due_.pop());
}

void Server::continue_unfinished() {
  std::swap(unread_, continued_);
  for (const std::uint64_t id : continued_) {
    if (Connection* const connection = connections_.find(id)) receive(*connection, true);
  }
  continued_.clear();
  std::swap(unfinished_, continued_);
  for (const std::uint64_t id : continued_) {
    if (Connection* const connection = connections_.find(id)) flush(*connection);
  }
  continued_.clear();
}

void Server::drop_stalled() {
  while (stalls_.next_deadline_ns() <= now_ns_) {
    Connection* const connection = connections_.find(stalls_.pop());
    if (connection == nullptr) continue;
    connection->stall_is_watched = false;
    if (!connection->blocked) continue;
    if (now_ns_ - connection->progress_ns >= stall_ns_)
      drop_bad_peer(*connection);
    else
      watch_stall(*connection);
  }
}

// Connections are closed here and nowhere else, so that no function finds its own closed under it.
void Server::close_marked() {
  if (marked_.empty()) return;
  for (std::size_t i = 0; i < marked_.size(); ++i) {  // closing one may mark another
    Connection& connection = *marked_[i];
    Trial& of = trial_of(connection.trial);
    if (connection.gives_orders) forget_trials_of(connection.id);
    const std::size_t owed = connection.peer.unanswered;
    connections_.remove(connection);
    forget_orphans(owed);
    notify(of);
  }
  marked_.clear();
  if (!accepting_) watch_listeners();
}

bool Server::set_interest(int operation, int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  return epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

}  // namespace waitbench::backend
