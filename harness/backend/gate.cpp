#include "harness/backend/gate.hpp"

#include <algorithm>
#include <utility>

namespace waitbench::backend {

// Queries that are already here keep their deadlines; those that come next are held.
void Gate::watch(std::uint64_t in_flight, std::uint64_t idle_connections, bool times_cycles,
                 bool by_id, std::uint64_t fewest) {
  mode_ = Mode::gated;
  expected_ = fewest_ = in_flight;
  fewest_after_turns_ = fewest == 0 ? in_flight : fewest;
  expected_idle_ = idle_connections;
  budget_ = 0;
  by_id_ = by_id;
  last_id_ = 0;
  holds_rests_only_ = false;
  peak_ = in_flight_;
  answered_ = 0;
  lost_ = 0;
  opened_at_ = held_at_ = {};
  exhausted_ns_ = delay_error_sum_ns_ = delay_error_max_ns_ = 0;
  held_is_reported_ = false;
  overflow_ = Overflow::none;
  offence_ = Offence::none;
  offence_is_reported_ = false;
  times_cycles_ = times_cycles;
  cycles_ns_ = {};
}

std::vector<PendingReply> Gate::open(std::uint64_t budget, Moment now) {
  if (mode_ != Mode::gated) return {};
  last_id_ += budget;
  if (by_id_) std::ranges::sort(held_, {}, &PendingReply::id);
  std::vector<PendingReply> through = begin_turn(budget, now);
  budget_ = budget - through.size();
  holds_rests_only_ = false;
  exhausted_ns_ = now.clock_ns;
  return through;
}

std::vector<PendingReply> Gate::run(std::uint64_t late_rests, Moment now) {
  if (mode_ != Mode::gated) return {};
  budget_ = 0;
  holds_rests_only_ = true;
  late_rests_ = late_rests;
  return begin_turn(held_.size(), now);
}

// Takes out the first `most` of those that wait, with their delays counted from now.
std::vector<PendingReply> Gate::begin_turn(std::uint64_t most, Moment now) {
  const auto first = held_.begin();
  const auto last = first + static_cast<std::ptrdiff_t>(std::min(most, held_.size()));
  std::vector<PendingReply> through(first, last);
  held_.erase(first, last);
  for (PendingReply& query : through) query.due_ns = now.clock_ns + query.delay_ns;

  fewest_ = fewest_after_turns_;
  opened_at_ = now;
  cycles_ns_ = {};
  exhausted_ns_ = delay_error_sum_ns_ = delay_error_max_ns_ = 0;
  held_is_reported_ = false;
  return through;
}

std::vector<PendingReply> Gate::release(std::int64_t now_ns) {
  mode_ = Mode::released;
  return let_all_through(now_ns);
}

std::vector<PendingReply> Gate::forget(std::int64_t now_ns) {
  mode_ = Mode::ungated;
  return let_all_through(now_ns);
}

std::vector<PendingReply> Gate::let_all_through(std::int64_t now_ns) {
  std::vector<PendingReply> through = std::exchange(held_, {});
  through.insert(through.end(), idle_.begin(), idle_.end());
  idle_.clear();
  for (PendingReply& query : through) query.due_ns = now_ns;
  return through;
}

bool Gate::arrive(PendingReply& query) {
  ++in_flight_;
  peak_ = std::max(peak_, in_flight_);
  query.due_ns = query.received_ns + (mode_ == Mode::released ? 0 : query.delay_ns);
  if (mode_ != Mode::gated) return true;

  if (in_flight_ > expected_ && overflow_ == Overflow::none) overflow_ = Overflow::seen;
  if (lets_through(query)) return true;
  held_.push_back(query);
  return false;
}

bool Gate::lets_through(const PendingReply& query) {
  if (holds_rests_only_) {
    if (!query.is_rest) return true;
    if (late_rests_ == 0) return false;
    --late_rests_;
    return true;
  }
  if (budget_ == 0 || (by_id_ && query.id > last_id_)) return false;
  --budget_;
  exhausted_ns_ = query.received_ns;
  return true;
}

bool Gate::keep_idle(PendingReply& connection) {
  connection.due_ns = connection.received_ns;
  if (mode_ == Mode::released) return true;
  idle_.push_back(connection);
  return false;
}

void Gate::answered(const PendingReply& query, std::int64_t sent_ns) {
  --in_flight_;
  ++answered_;
  const std::int64_t error_ns = sent_ns - query.due_ns;
  delay_error_sum_ns_ += error_ns;
  delay_error_max_ns_ = std::max(delay_error_max_ns_, error_ns);
}

void Gate::cycle(std::int64_t before_ns, std::int64_t sent_ns) {
  if (!times_cycles_ || opened_at_.clock_ns == 0 || before_ns < opened_at_.clock_ns) return;
  cycles_ns_.add(static_cast<std::uint64_t>(sent_ns - before_ns));
}

void Gate::note_offence(Offence offence) {
  if (mode_ == Mode::gated && offence_ == Offence::none) offence_ = offence;
}

std::vector<std::uint64_t> Gate::waiting_connections() const {
  std::vector<std::uint64_t> connections;
  for (const PendingReply& query : held_) connections.push_back(query.connection);
  return connections;
}

void Gate::lose(std::uint64_t connection, std::uint64_t queries) {
  const auto asked_by = [connection](const PendingReply& query) {
    return query.connection == connection;
  };
  std::erase_if(held_, asked_by);
  std::erase_if(idle_, asked_by);
  in_flight_ -= queries;
  lost_ += queries;
}

// As many are in flight as are held, so no reply is on its way. Where all clients have got beyond
// the ids of a turn, what the turn still allows was cancelled before it was sent.
bool Gate::is_held() const {
  const bool is_over = budget_ == 0 || (by_id_ && held_.size() == expected_);
  return mode_ == Mode::gated && is_over && held_.size() >= fewest_ && held_.size() <= expected_ &&
         in_flight_ == held_.size() && idle_.size() == expected_idle_;
}

std::optional<control::ReportKind> Gate::take_news() {
  if (offence_ != Offence::none && !std::exchange(offence_is_reported_, true))
    return control::ReportKind::offence;
  if (overflow_ == Overflow::seen) {
    overflow_ = Overflow::reported;
    return control::ReportKind::overflow;
  }
  if (!held_is_reported_ && is_held()) {
    held_is_reported_ = true;
    return control::ReportKind::held;
  }
  return std::nullopt;
}

control::Report Gate::report(control::ReportKind kind) const {
  control::Report report;
  report.kind = kind;
  report.in_flight = in_flight_;
  report.peak = peak_;
  report.idle_connections = idle_.size();
  report.answered = answered_;
  report.opened_ns = opened_at_.clock_ns;
  report.exhausted_ns = exhausted_ns_;
  report.held_ns = held_at_.clock_ns;
  report.cpu_opened_ns = opened_at_.cpu_ns;
  report.cpu_held_ns = held_at_.cpu_ns;
  report.lost = lost_;
  report.delay_error_sum_ns = delay_error_sum_ns_;
  report.delay_error_max_ns = delay_error_max_ns_;
  report.offence = offence_;
  return report;
}

}  // namespace waitbench::backend
