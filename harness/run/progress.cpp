#include "harness/run/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/os/streams.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

double now_s() {
  return static_cast<double>(now_ns()) / ns_per_s;
}

std::string duration_text(double seconds) {
  constexpr double a_while_s = 600;
  return seconds > a_while_s ? fmt::format("{:.0f} min", seconds / 60)
                             : fmt::format("{:.0f} s", seconds);
}

}  // namespace

Progress::Progress() : start_s_(now_s()) {}

void Progress::expect(TimeLeft::Kind kind, double guessed_s, TimeLeft::Method method) {
  time_left_.expect(kind, guessed_s, method);
}

void Progress::begin(Piece piece) {
  piece_ = std::move(piece);
  begun_s_ = now_s();
  time_left_.begin(piece_.kind, piece_.rounds, begun_s_);
  if (lines_.can_redraw()) return show();
  if (stderr_is_ready()) print_to_stderr("{}\n", how_far());
}

void Progress::advance(const std::vector<TurnOf>& round) {
  time_left_.end_round(now_s());
  standings_.note(*piece_.cell, round);
  show_now_and_then();
}

void Progress::advance() {
  time_left_.end_round(now_s());
  show_now_and_then();
}

void Progress::show_now_and_then() {
  constexpr double often_enough_s = 0.3;
  if (now_s() - shown_s_ > often_enough_s) show();
}

void Progress::end_piece() {
  time_left_.end(now_s());
}

std::string Progress::how_far() const {
  const double now = now_s();
  const double budget_left_s = std::max(0.0, piece_.budget_left_s - (now - begun_s_));
  const double left_s = std::max(time_left_.left_s(now), budget_left_s);
  const double elapsed_s = now - start_s_;
  return fmt::format("{:2.0f}%, {} {} left  {}  {} {}",
                     100 * elapsed_s / std::max(elapsed_s + left_s, 1e-9),
                     piece_.is_planned ? "about" : "at most", duration_text(left_s), piece_.stage,
                     piece_.cell->purpose, cell_name(piece_.cell->cell));
}

void Progress::show() {
  if (!lines_.can_redraw()) return;
  shown_s_ = now_s();
  lines_.draw({how_far(), "     " + standings_.to_text(*piece_.cell, lines_.columns() - 5)});
}

void Progress::say(const std::string& line) {
  lines_.clear();
  print_to_stderr("{}\n", line);
}

void Progress::end() {
  lines_.clear();
}

}  // namespace waitbench
