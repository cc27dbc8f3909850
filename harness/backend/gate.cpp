#include "harness/backend/gate.hpp"

#include <algorithm>
#include <utility>

namespace waitbench::backend {

// Queries that are already here stay: those that a trial sent before it was watched are answered as
// they were promised, and what it asks next is held.
void Gate::watch(std::uint64_t expected, std::uint64_t parked) {
  mode_ = Mode::gated;
  expected_ = expected;
  expected_parked_ = parked;
  budget_ = 0;
  until_ns_ = 0;
  peak_ = in_flight_;
  answered_ = 0;
  lost_ = 0;
  opened_at_ = held_at_ = {};
  exhausted_ns_ = delay_error_sum_ns_ = delay_error_max_ns_ = 0;
  held_is_told_ = false;
  overflow_ = Overflow::none;
}

std::vector<Query> Gate::open(std::uint64_t budget, Moment now) {
  if (mode_ != Mode::gated) return {};
  std::vector<Query> through = begin_turn(budget, now);
  budget_ = budget - through.size();
  until_ns_ = 0;
  if (budget_ == 0) exhausted_ns_ = now.clock_ns;
  return through;
}

std::vector<Query> Gate::run(std::int64_t rests_ns, Moment now) {
  if (mode_ != Mode::gated) return {};
  budget_ = 0;
  until_ns_ = now.clock_ns + rests_ns;
  return begin_turn(held_.size(), now);
}

// Takes out the first `most` of those that wait, with their delays counted from now.
std::vector<Query> Gate::begin_turn(std::uint64_t most, Moment now) {
  const auto first = held_.begin();
  const auto last = first + static_cast<std::ptrdiff_t>(std::min(most, held_.size()));
  std::vector<Query> through(first, last);
  held_.erase(first, last);
  for (Query& query : through) query.due_ns = now.clock_ns + query.delay_ns;

  opened_at_ = now;
  exhausted_ns_ = delay_error_sum_ns_ = delay_error_max_ns_ = 0;
  held_is_told_ = false;
  return through;
}

std::vector<Query> Gate::release(std::int64_t now_ns) {
  mode_ = Mode::released;
  return let_all_through(now_ns);
}

std::vector<Query> Gate::forget(std::int64_t now_ns) {
  mode_ = Mode::ungated;
  return let_all_through(now_ns);
}

std::vector<Query> Gate::let_all_through(std::int64_t now_ns) {
  std::vector<Query> through = std::exchange(held_, {});
  through.insert(through.end(), parked_.begin(), parked_.end());
  parked_.clear();
  for (Query& query : through) query.due_ns = now_ns;
  return through;
}

bool Gate::arrive(Query& query) {
  ++in_flight_;
  peak_ = std::max(peak_, in_flight_);
  query.due_ns = query.received_ns + (mode_ == Mode::released ? 0 : query.delay_ns);
  if (mode_ != Mode::gated) return true;

  if (in_flight_ > expected_ && overflow_ == Overflow::none) overflow_ = Overflow::seen;
  if (lets_through(query)) return true;
  held_.push_back(query);
  return false;
}

bool Gate::lets_through(const Query& query) {
  if (until_ns_ != 0) return !query.rests() || query.received_ns < until_ns_;
  if (budget_ == 0) return false;
  if (--budget_ == 0) exhausted_ns_ = query.received_ns;
  return true;
}

bool Gate::park(Query& query) {
  query.due_ns = query.received_ns;
  if (mode_ == Mode::released) return true;
  parked_.push_back(query);
  return false;
}

void Gate::answered(const Query& query, std::int64_t sent_ns) {
  --in_flight_;
  ++answered_;
  const std::int64_t error_ns = sent_ns - query.due_ns;
  delay_error_sum_ns_ += error_ns;
  delay_error_max_ns_ = std::max(delay_error_max_ns_, error_ns);
}

void Gate::lose(std::uint64_t connection, std::uint64_t queries) {
  const auto asked_by = [connection](const Query& query) { return query.connection == connection; };
  std::erase_if(held_, asked_by);
  std::erase_if(parked_, asked_by);
  in_flight_ -= queries;
  lost_ += queries;
}

// As many in flight as held: so no reply is on its way, and no query can be but by mistake.
bool Gate::is_held() const {
  return mode_ == Mode::gated && budget_ == 0 && held_.size() == expected_ &&
         in_flight_ == expected_ && parked_.size() == expected_parked_;
}

std::optional<wire::Tell> Gate::take_news() {
  if (overflow_ == Overflow::seen) {
    overflow_ = Overflow::told;
    return wire::Tell::overflow;
  }
  if (!held_is_told_ && is_held()) {
    held_is_told_ = true;
    return wire::Tell::held;
  }
  return std::nullopt;
}

wire::Report Gate::report(wire::Tell tell) const {
  wire::Report report;
  report.tell = tell;
  report.in_flight = static_cast<std::uint32_t>(in_flight_);
  report.peak = static_cast<std::uint32_t>(peak_);
  report.parked = static_cast<std::uint32_t>(parked_.size());
  report.answered = answered_;
  report.opened_ns = opened_at_.clock_ns;
  report.exhausted_ns = exhausted_ns_;
  report.held_ns = held_at_.clock_ns;
  report.cpu_opened_ns = opened_at_.cpu_ns;
  report.cpu_held_ns = held_at_.cpu_ns;
  report.lost = lost_;
  report.delay_error_sum_ns = delay_error_sum_ns_;
  report.delay_error_max_ns = delay_error_max_ns_;
  return report;
}

}  // namespace waitbench::backend
