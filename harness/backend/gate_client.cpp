#include "harness/backend/gate_client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <system_error>
#include <utility>

#include "harness/os/interrupt.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

using control::OrderKind;
using control::ReportKind;

namespace {

const char* name_of(OrderKind kind) {
  switch (kind) {
    case OrderKind::watch: return "watch";
    case OrderKind::open: return "open";
    case OrderKind::run: return "run";
    case OrderKind::release: return "release";
    case OrderKind::dismiss: return "dismiss";
    case OrderKind::hang_up: return "hang_up";
    case OrderKind::cycles: return "cycles";
    case OrderKind::statistics: return "statistics";
    case OrderKind::describe: return "describe";
  }
  return "?";
}

// Sum and maximum are reported beside the buckets, which know each duration to within 1%.
void check_extent(const Histogram& cycles_ns) {
  if (cycles_ns.total() == 0) return;
  double sum_ns = 0;
  for (std::size_t bucket = 0; bucket < cycles_ns.counts().size(); ++bucket)
    sum_ns += Histogram::value_of(bucket) * static_cast<double>(cycles_ns.counts()[bucket]);
  const double reported_ns = static_cast<double>(cycles_ns.sum());
  const bool fits = Histogram::bucket_of(cycles_ns.max()) + 1 == cycles_ns.counts().size() &&
                    std::abs(reported_ns - sum_ns) <= sum_ns / 100 + 1;
  if (!fits)
    throw std::runtime_error("the backend reported cycles whose sum or maximum is not theirs");
}

}  // namespace

GateClient::GateClient(const Address& backend, std::int64_t patience_ns)
    : socket_(open_socket(backend, 0)), patience_ns_(patience_ns) {
  constexpr timeval patience{.tv_sec = 5, .tv_usec = 0};  // a host that is not there never refuses
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (!socket_ || connect_socket(socket_.get(), backend) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot reach the backend");
}

void GateClient::watch(std::uint16_t trial, const Expected& expected) {
  check_.watch(trial, expected.in_flight, expected.idle_connections, expected.fewest_in_flight,
               expected.loses_queries);
  send({.kind = OrderKind::watch,
        .trial = trial,
        .in_flight = expected.in_flight,
        .idle_connections = expected.idle_connections,
        .queries = expected.fewest_in_flight,
        .times_cycles = expected.times_cycles,
        .by_id = expected.by_id});
  await_acknowledgement();
}

void GateClient::release(std::uint16_t trial) {
  send({.kind = OrderKind::release, .trial = trial});
  await_acknowledgement();
}

void GateClient::hang_up(std::uint16_t trial) {
  check_.dismiss(trial);
  send({.kind = OrderKind::hang_up, .trial = trial});
  await_acknowledgement();
}

void GateClient::open(std::uint16_t trial, std::uint64_t queries) {
  asked_to_open_ns_ = now_ns();
  check_.open(trial, queries, asked_to_open_ns_);
  send({.kind = OrderKind::open, .trial = trial, .queries = queries});
}

void GateClient::run(std::uint16_t trial, std::uint64_t late_rests) {
  asked_to_open_ns_ = now_ns();
  check_.run(trial, asked_to_open_ns_);
  send({.kind = OrderKind::run, .trial = trial, .queries = late_rests});
}

void GateClient::dismiss(std::uint16_t trial) {
  check_.dismiss(trial);
  send({.kind = OrderKind::dismiss, .trial = trial});
}

Histogram GateClient::cycles_ns(std::uint16_t trial) {
  cycles_ns_ = {};
  send({.kind = OrderKind::cycles, .trial = trial});
  await_acknowledgement();
  check_extent(cycles_ns_);
  return std::exchange(cycles_ns_, {});
}

std::string GateClient::describe() {
  description_.clear();
  send({.kind = OrderKind::describe});
  await_acknowledgement();
  return std::exchange(description_, {});
}

control::Report GateClient::statistics(std::uint16_t trial) {
  send({.kind = OrderKind::statistics, .trial = trial});
  await_acknowledgement();
  return report_;
}

void GateClient::send(control::Order order) {
  order.sequence = ++sequence_;
  if (::send(socket_.get(), &order, sizeof order, MSG_NOSIGNAL) != sizeof order)
    throw std::runtime_error(errno == EAGAIN ? "the backend reads no orders"
                                             : "the backend is gone");
  unacknowledged_.push_back({.order = order, .deadline = Deadline(patience_ns_)});
}

// Of all orders: the last of them is acknowledged last.
void GateClient::await_acknowledgement() {
  constexpr int glance_ms = 20;
  while (!unacknowledged_.empty()) {
    pollfd sources[] = {{.fd = socket_.get(), .events = POLLIN, .revents = 0},
                        {.fd = interrupt_fd(), .events = POLLIN, .revents = 0}};
    poll(sources, std::size(sources), glance_ms);
    if (interrupted()) throw Interrupted{};
    receive();
  }
}

std::optional<control::Report> GateClient::next_report() {
  if (!receive() || report_.sequence != 0) return std::nullopt;
  const std::int64_t arrived_ns = now_ns();
  if (report_.kind == ReportKind::held)
    shares_our_clock_ = is_in_our_time(report_, asked_to_open_ns_, arrived_ns);
  return in_our_time(report_, asked_to_open_ns_, arrived_ns);
}

// Takes in what there is of a report. Whether it is whole now.
bool GateClient::receive() {
  std::byte* at = reinterpret_cast<std::byte*>(&report_) + received_;
  const ssize_t got = ::recv(socket_.get(), at, sizeof report_ - received_, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    check_overdue();
    return false;
  }
  if (got <= 0) throw std::runtime_error("the backend is gone");
  received_ += static_cast<std::size_t>(got);
  check_head();
  if (received_ < sizeof report_) return false;
  received_ = 0;
  if (report_.kind == ReportKind::cycles) {
    take_cycles(std::bit_cast<control::CyclesPiece>(report_));
    return false;
  }
  if (report_.kind == ReportKind::text) {
    take_text(std::bit_cast<control::TextPiece>(report_));
    return false;
  }
  check_.check(report_, now_ns());
  if (report_.sequence != 0) acknowledge();
  return true;
}

// Magic and version stand first in every version, so they are looked at before the rest is there.
void GateClient::check_head() const {
  if (received_ < offsetof(control::Report, kind)) return;
  if (report_.magic != control::magic)
    throw std::runtime_error("the backend does not speak the control protocol");
  if (report_.version != control::version)
    throw OtherVersion(fmt::format(
        "the backend speaks version {} of the control protocol, and this harness version {}: use "
        "the same release of waitbench on both sides",
        report_.version, control::version));
}

void GateClient::acknowledge() {
  if (unacknowledged_.empty() || unacknowledged_.front().order.sequence != report_.sequence)
    throw std::runtime_error("the backend acknowledged an order that it was not given");
  const control::Order order = unacknowledged_.front().order;
  unacknowledged_.pop_front();
  const ReportKind expected =
      order.kind == OrderKind::statistics ? ReportKind::statistics : ReportKind::done;
  if (report_.kind != expected || report_.trial != order.trial)
    throw std::runtime_error("the backend acknowledged another order than it was given");
  if (order.kind == OrderKind::release || order.kind == OrderKind::dismiss ||
      order.kind == OrderKind::hang_up)
    check_.forget(order.trial);
}

// A piece belongs to the order that was given last, and only that order has pieces.
bool GateClient::was_asked_for(OrderKind kind, std::uint32_t sequence) const {
  return !unacknowledged_.empty() && unacknowledged_.back().order.kind == kind &&
         unacknowledged_.back().order.sequence == sequence;
}

void GateClient::take_text(const control::TextPiece& piece) {
  if (!was_asked_for(OrderKind::describe, piece.sequence))
    throw std::runtime_error("the backend described itself, and nobody asked");
  if (piece.bytes > piece.text.size() ||
      description_.size() + piece.bytes > control::longest_description)
    throw std::runtime_error("the backend described itself at greater length than it can");
  description_.append(piece.text.data(), piece.bytes);
}

void GateClient::take_cycles(const control::CyclesPiece& piece) {
  if (!was_asked_for(OrderKind::cycles, piece.sequence))
    throw std::runtime_error("the backend reported cycles that nobody asked for");
  if (cycles_ns_.total() == 0) cycles_ns_.add_extent(piece.sum_ns, piece.max_ns);
  for (const auto& [index, count] : piece.buckets) {
    if (index >= Histogram::most_buckets)
      throw std::runtime_error("the backend reported a cycle longer than any can be");
    if (count > 0) cycles_ns_.add_bucket(index, count);
  }
}

void GateClient::check_overdue() {
  if (unacknowledged_.empty() || !unacknowledged_.front().deadline.has_passed()) return;
  throw std::runtime_error(fmt::format("the backend did not acknowledge the order '{}' within {} s",
                                       name_of(unacknowledged_.front().order.kind),
                                       static_cast<double>(patience_ns_) / ns_per_s));
}

bool is_in_our_time(const control::Report& report, std::int64_t asked_to_open_ns,
                    std::int64_t arrived_ns) {
  return asked_to_open_ns <= report.opened_ns && report.opened_ns <= arrived_ns;
}

control::Report in_our_time(control::Report report, std::int64_t asked_to_open_ns,
                            std::int64_t arrived_ns) {
  if (report.opened_ns == 0 || is_in_our_time(report, asked_to_open_ns, arrived_ns)) return report;
  const std::int64_t ahead_ns = report.opened_ns - asked_to_open_ns;
  for (std::int64_t* time_ns : {&report.opened_ns, &report.exhausted_ns, &report.held_ns})
    if (*time_ns != 0) *time_ns -= ahead_ns;
  return report;
}

}  // namespace waitbench
