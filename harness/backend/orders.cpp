// The control protocol at the server's end: orders work the gates of trials, and reports go to the
// connection that gave the last order about a trial.
#include <algorithm>
#include <bit>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "harness/backend/server.hpp"
#include "harness/os/streams.hpp"

namespace waitbench::backend {
namespace {

constexpr unsigned max_reports = 1024;  // that a connection may leave unread

Moment this_moment() {
  return {now_ns(), read_clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
}

}  // namespace

// Magic and version stand first in every version, so they are looked at before the frame is whole.
bool Server::handle_order(Connection& connection, std::span<const std::byte>& bytes) {
  constexpr std::size_t head_bytes = offsetof(control::Order, sequence);
  if (bytes.size() < head_bytes) return false;
  control::Order order;
  std::memcpy(&order, bytes.data(), std::min(bytes.size(), sizeof order));
  if (order.magic != control::magic || connection.reports >= max_reports) {
    drop_bad_peer(connection);
    return false;
  }
  if (order.version != control::version) {
    refuse_version(connection, order);
    return false;
  }
  if (bytes.size() < sizeof order) return false;
  bytes = bytes.subspan(sizeof order);
  carry_out(connection, order);
  return !connection.marked;
}

void Server::refuse_version(Connection& connection, const control::Order& order) {
  if (!std::exchange(has_said_version_, true))
    print_to_stderr(
        "waitbench serve: refused a harness that speaks version {} of the control protocol; "
        "this backend speaks version {}\n",
        order.version, control::version);
  control::Report refusal;
  refusal.kind = control::ReportKind::refused;
  send_report(connection, refusal);
  drop_bad_peer(connection);
}

void Server::carry_out(Connection& connection, const control::Order& order) {
  // Trial 0 belongs to everybody: it can be reported on, and not be held.
  const bool is_statistics = order.kind == control::OrderKind::statistics;
  const bool is_question = is_statistics || order.kind == control::OrderKind::describe;
  const bool is_trial = order.trial < trials_.size() && (order.trial != 0 || is_question);
  if (!is_trial || order.kind < control::OrderKind::watch ||
      order.kind > control::OrderKind::describe)
    return drop_bad_peer(connection);
  Trial& trial = trial_of(static_cast<std::uint16_t>(order.trial));
  const auto acknowledge = [&](control::ReportKind kind) {
    control::Report done = report(trial, kind);
    done.sequence = order.sequence;
    send_report(connection, done);
  };
  if (is_statistics) return acknowledge(control::ReportKind::statistics);
  if (order.kind == control::OrderKind::cycles) {
    send_cycles(connection, trial, order.sequence);
    return acknowledge(control::ReportKind::done);
  }
  if (order.kind == control::OrderKind::describe) {
    send_description(connection, order.sequence);
    return acknowledge(control::ReportKind::done);
  }
  trial.controller = connection.id;
  connection.gives_orders = true;
  // The acknowledgement is sent first, so that it is no part of the turn that an order begins.
  acknowledge(control::ReportKind::done);
  const Moment now = this_moment();
  now_ns_ = now.clock_ns;
  switch (order.kind) {
    case control::OrderKind::watch:
      trial.gate.watch(order.in_flight, order.idle_connections, order.times_cycles != 0,
                       order.by_id != 0, order.queries);
      break;
    case control::OrderKind::open: answer_in_time(trial.gate.open(order.queries, now)); break;
    case control::OrderKind::run: answer_in_time(trial.gate.run(order.queries, now)); break;
    case control::OrderKind::release: answer_in_time(trial.gate.release(now_ns_)); break;
    case control::OrderKind::dismiss:
      trial.controller = 0;
      answer_in_time(trial.gate.forget(now_ns_));
      break;
    case control::OrderKind::hang_up: hang_up(trial); break;
    case control::OrderKind::cycles:
    case control::OrderKind::statistics:
    case control::OrderKind::describe: break;
  }
  notify(trial);
}

void Server::hang_up(Trial& trial) {
  trial.controller = 0;
  for (const std::uint64_t id : trial.gate.waiting_connections())
    if (Connection* const connection = connections_.find(id)) mark_for_close(*connection);
  trial.gate.forget(now_ns_);
}

void Server::send_cycles(Connection& connection, const Trial& trial, std::uint32_t sequence) {
  const Histogram& cycles_ns = trial.gate.cycles_ns();
  const control::CyclesPiece empty = {.sequence = sequence,
                                      .trial = trial.number,
                                      .sum_ns = cycles_ns.sum(),
                                      .max_ns = cycles_ns.max()};
  control::CyclesPiece piece = empty;
  std::size_t filled = 0;
  const auto send_piece = [&] {
    send_report(connection, std::bit_cast<control::Report>(std::exchange(piece, empty)));
    filled = 0;
  };
  for (std::size_t index = 0; index < cycles_ns.counts().size(); ++index) {
    const std::uint64_t count = cycles_ns.counts()[index];
    if (count == 0) continue;
    piece.buckets[filled++] = {.index = static_cast<std::uint32_t>(index),
                               .count = static_cast<std::uint32_t>(count)};
    if (filled == piece.buckets.size()) send_piece();
  }
  if (filled > 0) send_piece();
}

void Server::send_description(Connection& connection, std::uint32_t sequence) {
  std::string words;
  try {
    words = describe_();
  } catch (const std::exception& error) {  // what nobody can read is no reason to serve no more
    print_to_stderr("waitbench serve: cannot describe this machine: {}\n", error.what());
  }
  std::string_view rest = std::string_view(words).substr(0, control::longest_description);
  while (!rest.empty()) {
    control::TextPiece piece{.sequence = sequence};
    piece.bytes = static_cast<std::uint32_t>(rest.copy(piece.text.data(), piece.text.size()));
    rest.remove_prefix(piece.bytes);
    send_report(connection, std::bit_cast<control::Report>(piece));
  }
}

void Server::forget_trials_of(std::uint64_t controller) {
  for (const auto& trial : trials_) {
    if (trial == nullptr || trial->controller != controller) continue;
    trial->controller = 0;
    answer_in_time(trial->gate.forget(now_ns_));
  }
}

void Server::notify(Trial& trial) {
  while (const auto news = trial.gate.take_news()) {
    if (*news == control::ReportKind::held) trial.gate.note_held(this_moment());
    if (Connection* const controller = connections_.find(trial.controller))
      send_report(*controller, report(trial, *news));
  }
}

control::Report Server::report(const Trial& trial, control::ReportKind kind) const {
  control::Report report = trial.gate.report(kind);
  report.trial = trial.number;
  report.accepted = accepted_;
  report.served = served_;
  report.dropped = dropped_;
  if (kind == control::ReportKind::statistics) report.cpu_held_ns = this_moment().cpu_ns;
  protocol_.name.copy(report.workload.data(), report.workload.size());
  return report;
}

void Server::send_report(Connection& connection, const control::Report& report) {
  ++connection.reports;
  send(connection, Message(report));
}

Server::Trial& Server::trial_of(std::uint16_t number) {
  std::unique_ptr<Trial>& slot = trials_[number];
  if (slot == nullptr) {
    slot = std::make_unique<Trial>();
    slot->number = number;
  }
  return *slot;
}

}  // namespace waitbench::backend
