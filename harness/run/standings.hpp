// What the rounds have shown so far of the models of each cell: for somebody who watches the run.
// Nothing is decided by it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/run/plan.hpp"
#include "harness/stage/trial_executor.hpp"

namespace waitbench {

// Of one participant, in a round that is complete.
struct TurnOf {
  const Participant* participant = nullptr;
  Turn turn;
};

class Standings {
 public:
  void note(const CellPlan& cell, const std::vector<TurnOf>& round);

  // "CPU/query so far: 7.6 us fiber-epoll to 14.2 us process-per-connection; 8.1 us
  // callback-epoll": the medians of the two at the ends, and of the cell's first model, of which as
  // much is said as `columns` hold. In a cell without a delay, queries per second. Empty when
  // nothing is known.
  std::string to_text(const CellPlan& cell, std::size_t columns) const;

 private:
  struct Values {
    std::vector<double> cpu_us, queries_per_second;
  };

  // By purpose and name of the cell, and by model.
  std::map<std::string, std::map<std::string_view, Values>> cells_;
};

}  // namespace waitbench
