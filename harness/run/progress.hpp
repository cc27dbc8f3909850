// How far a run has come, on stderr: lines that are redrawn in place on a terminal, a plain line
// for each piece of work elsewhere. Best effort: nothing waits for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/os/status_lines.hpp"
#include "harness/run/plan.hpp"
#include "harness/run/standings.hpp"
#include "harness/run/time_left.hpp"

namespace waitbench {

class Progress {
 public:
  // One cohort of a cell, in one invocation, or what is counted of a cell.
  struct Piece {
    TimeLeft::Kind kind;
    const CellPlan* cell;  // must outlive the piece
    std::string stage;     // "invocation 2/5"
    std::size_t rounds;    // 0: nobody knows yet
    // That the run goes on for, even if what is planned takes less.
    double budget_left_s = 0;
    bool is_planned = true;  // else the run ends with any such piece, when it knows enough
  };

  Progress();

  void expect(TimeLeft::Kind kind, double guessed_s,
              TimeLeft::Method method = TimeLeft::Method::timed);
  void begin(Piece piece);
  void advance(const std::vector<TurnOf>& round);  // a round is complete
  void advance();                                  // what counts as a round is, without turns
  void show_now_and_then();
  void end_piece();
  void say(const std::string& line);  // something that must stay to be read
  void end();

 private:
  void show();
  std::string how_far() const;

  TimeLeft time_left_;
  Standings standings_;
  Piece piece_{};
  double begun_s_ = 0;
  double start_s_;
  double shown_s_ = 0;
  StatusLines lines_;
};

}  // namespace waitbench
