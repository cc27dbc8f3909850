#include "harness/run/time_left.hpp"

#include <algorithm>

namespace waitbench {

void TimeLeft::expect(Kind kind, double guessed_s) {
  Work& work = work_[kind];
  work.guessed_s = guessed_s;
  ++work.to_come;
}

void TimeLeft::begin(Kind kind, std::size_t rounds, double now_s) {
  --work_.at(kind).to_come;
  current_ = {.kind = kind, .rounds = rounds, .start_s = now_s};
  is_under_way_ = true;
}

void TimeLeft::end_round(double now_s) {
  if (++current_.ended == 1) current_.first_end_s = now_s;
  current_.last_end_s = now_s;
}

void TimeLeft::end(double now_s) {
  Work& work = work_.at(current_.kind);
  work.taken_s += now_s - current_.start_s;
  ++work.done;
  is_under_way_ = false;
}

double TimeLeft::left_s(double now_s) const {
  const double pace_now = pace(now_s);
  double left = 0;
  for (const auto& [kind, work] : work_) left += work.to_come * expected_s(work, pace_now);
  if (!is_under_way_) return left;
  if (shows_its_pace()) return left + left_of_current_s(now_s);
  const double expected = expected_s(work_.at(current_.kind), pace_now);
  return left + std::max(0.0, expected - (now_s - current_.start_s));
}

// The first round ends what it takes to start, and to warm up; the second is the first to tell.
bool TimeLeft::shows_its_pace() const {
  return is_under_way_ && current_.ended >= 2 && current_.ended <= current_.rounds;
}

double TimeLeft::left_of_current_s(double now_s) const {
  const double round_s =
      (current_.last_end_s - current_.first_end_s) / static_cast<double>(current_.ended - 1);
  const auto to_come = static_cast<double>(current_.rounds - current_.ended);
  return std::max(0.0, round_s * to_come - (now_s - current_.last_end_s));
}

double TimeLeft::expected_s(const Work& work, double pace) const {
  return work.done > 0 ? work.taken_s / work.done : pace * work.guessed_s;
}

// Until a little is done, the guess is the better one.
double TimeLeft::pace(double now_s) const {
  constexpr double a_little = 0.01;  // of all work
  double guessed_s = 0;
  double taken_s = 0;
  double total_s = 0;
  for (const auto& [kind, work] : work_) {
    guessed_s += work.done * work.guessed_s;
    taken_s += work.taken_s;
    total_s += (work.done + work.to_come) * work.guessed_s;
  }
  if (shows_its_pace()) {
    guessed_s += work_.at(current_.kind).guessed_s;
    taken_s += now_s - current_.start_s + left_of_current_s(now_s);
  }
  const double trust_s = a_little * total_s;
  return guessed_s + trust_s > 0 ? (taken_s + trust_s) / (guessed_s + trust_s) : 1;
}

}  // namespace waitbench
