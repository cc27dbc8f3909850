// How far a run has come, on stderr: one line that rewrites itself on a terminal, plain lines
// elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/run/plan.hpp"

namespace waitbench {

class Progress {
 public:
  explicit Progress(const RunPlan& plan);

  void leave_out(const CellPlan& cell, const WorkUnit& unit);  // it was measured before
  void begin(const CellPlan& cell, const WorkUnit& unit);
  // One that was not planned, since the ratios of the cell are not known well; it is done when
  // `budget_s` have passed.
  void begin_further(const CellPlan& cell, std::size_t invocation, double budget_s);
  void advance();                     // a round is complete
  void say(const std::string& line);  // something that must stay to be read
  void end();

 private:
  void show();

  std::size_t invocations_;
  double total_s_ = 0;  // what all rounds are expected to take, by the plan
  double done_s_ = 0;
  double round_s_ = 0;   // of the cell at hand
  double budget_s_ = 0;  // while further invocations are measured
  std::int64_t start_ns_;
  std::int64_t shown_ns_ = 0;
  bool terminal_;
  std::string at_;
};

}  // namespace waitbench
