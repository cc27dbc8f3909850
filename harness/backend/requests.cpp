// What the delay server does with a request: queries go through the gate of their trial, orders
// work the gate, and the conductor is told the news.
#include "harness/backend/server.hpp"

namespace waitbench::backend {
namespace {

constexpr unsigned max_owed = 1024;  // answers that a connection may wait for at once

Moment this_moment() {
  return {now_ns(), read_clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
}

}  // namespace

void DelayServer::obey(Connection& connection, const wire::Request& request,
                       std::int64_t received_ns) {
  if (request.magic != wire::request_magic || connection.owed() >= max_owed)
    return drop_offender(connection);
  switch (request.ask) {
    case wire::Ask::query:
    case wire::Ask::park: return take_query(connection, request, received_ns);
    case wire::Ask::watch:
    case wire::Ask::open:
    case wire::Ask::run:
    case wire::Ask::release: return conduct(connection, request);
    case wire::Ask::statistics:
      return send_report(connection, trial_of(request.trial), wire::Tell::statistics);
  }
  drop_offender(connection);
}

void DelayServer::take_query(Connection& connection, const wire::Request& request,
                             std::int64_t received_ns) {
  const bool changes_trial = connection.is_bound_to_trial() && connection.trial != request.trial;
  if (changes_trial || request.payload_bytes > wire::max_payload_bytes ||
      request.delay_ns > wire::max_delay_ns)
    return drop_offender(connection);

  const bool parks = request.ask == wire::Ask::park;
  Query query = {.connection = connection.id,
                 .id = request.id,
                 .delay_ns = static_cast<std::int64_t>(request.delay_ns),
                 .received_ns = received_ns,
                 .payload_bytes = parks ? 0 : request.payload_bytes,
                 .trial = request.trial,
                 .flags = static_cast<std::uint8_t>(request.flags),
                 .parked = parks};
  connection.trial = request.trial;
  ++(parks ? connection.parks : connection.queries);
  Trial& of = trial_of(request.trial);
  if (parks ? of.gate.park(query) : of.gate.arrive(query)) answer_in_time(query);
  tell_news(of);
}

// Whoever gives an order about a trial conducts it from then on.
void DelayServer::conduct(Connection& connection, const wire::Request& request) {
  if (request.trial == 0) return drop_offender(connection);  // it belongs to everybody
  Trial& of = trial_of(request.trial);
  of.conductor = connection.id;
  connection.conducts = true;
  if (request.ask == wire::Ask::watch) {
    of.gate.watch(request.id, request.delay_ns);
  } else if (request.ask == wire::Ask::release) {
    answer_in_time(of.gate.release(now_ns_));
  } else {
    const Moment now = this_moment();
    now_ns_ = now.clock_ns;
    const auto rests_ns = static_cast<std::int64_t>(std::min(request.delay_ns, wire::max_delay_ns));
    answer_in_time(request.ask == wire::Ask::open ? of.gate.open(request.id, now)
                                                  : of.gate.run(rests_ns, now));
  }
  tell_news(of);
}

void DelayServer::answer_in_time(const std::vector<Query>& queries) {
  for (const Query& query : queries) answer_in_time(query);
}

void DelayServer::answer_in_time(const Query& query) {
  if (query.due_ns <= now_ns_)
    answer(query);
  else
    due_.push(query.due_ns, query);
}

void DelayServer::answer(const Query& query) {
  if (Connection* const connection = connections_.find(query.connection))
    send(*connection, Message(query));
}

void DelayServer::forget_trials_of(std::uint64_t conductor) {
  for (const auto& of : trials_) {
    if (of == nullptr || of->conductor != conductor) continue;
    of->conductor = 0;
    answer_in_time(of->gate.forget(now_ns_));
  }
}

// Left alone, replies to those who are gone would stay until they are due, which may be a minute
// hence, and who comes and goes would fill the memory. To look for them is worth it only when they
// may be most of what there is.
void DelayServer::forget_orphans(std::size_t more) {
  orphans_ += more;
  if (orphans_ <= due_.size() / 2) return;
  due_.remove_if(
      [this](const Query& query) { return connections_.find(query.connection) == nullptr; });
  orphans_ = 0;
}

void DelayServer::tell_news(Trial& trial) {
  while (const auto news = trial.gate.take_news()) {
    if (*news == wire::Tell::held) trial.gate.note_held(this_moment());
    if (Connection* const conductor = connections_.find(trial.conductor))
      send_report(*conductor, trial, *news);
  }
}

void DelayServer::send_report(Connection& connection, const Trial& trial, wire::Tell tell) {
  wire::Report report = trial.gate.report(tell);
  report.trial = trial.number;
  report.accepted = accepted_;
  report.served = served_;
  report.dropped = dropped_;
  if (tell == wire::Tell::statistics) report.cpu_held_ns = this_moment().cpu_ns;
  ++connection.reports;
  send(connection, Message(report));
}

DelayServer::Trial& DelayServer::trial_of(std::uint16_t number) {
  std::unique_ptr<Trial>& place = trials_[number];
  if (place == nullptr) {
    place = std::make_unique<Trial>();
    place->number = number;
  }
  return *place;
}

}  // namespace waitbench::backend
