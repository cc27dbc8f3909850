#include "harness/run/time_left.hpp"

#include <algorithm>

namespace waitbench {

void TimeLeft::expect(Kind kind, double guessed_s, Method method) {
  Work& work = work_[kind];
  work.guessed_s = guessed_s;
  work.method = method;
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
  const Paces paces_now = paces(now_s);
  double left = 0;
  for (const auto& [kind, work] : work_) left += work.to_come * expected_s(work, paces_now);
  if (!is_under_way_) return left;
  if (shows_its_pace()) return left + left_of_current_s(now_s);
  const double expected = expected_s(work_.at(current_.kind), paces_now);
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

double TimeLeft::expected_s(const Work& work, const Paces& paces) const {
  return work.done > 0 ? work.taken_s / work.done
                       : paces[static_cast<std::size_t>(work.method)] * work.guessed_s;
}

// Of each method. Until a little of it is done, the pace of the others is the better guess, and
// until a little of those is done, the guess itself.
TimeLeft::Paces TimeLeft::paces(double now_s) const {
  constexpr double a_little = 0.01;  // of the work
  struct Sums {
    double guessed_s = 0, taken_s = 0, total_s = 0;

    double pace(double before) const {
      const double trust_s = a_little * total_s;
      return guessed_s + trust_s > 0 ? (taken_s + trust_s * before) / (guessed_s + trust_s)
                                     : before;
    }
  };
  std::array<Sums, methods> of_method;
  std::array<Sums, methods> of_others;
  const auto add = [&](Method method, const Sums& more) {
    for (std::size_t i = 0; i < methods; ++i) {
      Sums& sums = i == static_cast<std::size_t>(method) ? of_method[i] : of_others[i];
      sums.guessed_s += more.guessed_s;
      sums.taken_s += more.taken_s;
      sums.total_s += more.total_s;
    }
  };
  for (const auto& [kind, work] : work_)
    add(work.method, {.guessed_s = work.done * work.guessed_s,
                      .taken_s = work.taken_s,
                      .total_s = (work.done + work.to_come) * work.guessed_s});
  if (shows_its_pace()) {
    const Work& work = work_.at(current_.kind);
    add(work.method, {.guessed_s = work.guessed_s,
                      .taken_s = now_s - current_.start_s + left_of_current_s(now_s)});
  }
  Paces found{};
  for (std::size_t i = 0; i < methods; ++i) found[i] = of_method[i].pace(of_others[i].pace(1));
  return found;
}

}  // namespace waitbench
