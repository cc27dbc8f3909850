// Whether a trial that pipelines does so: by its ledger, a connection had as many queries under way
// at once as its cell says. What a server has of a pipeline is in the buffers of a socket, so it
// cannot say so itself; but it says how many connections rest, so there is none beside the
// pipelines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/workloads/cell.hpp"
#include "harness/workloads/ledger.hpp"

namespace waitbench {

// Of a trial that is held: nothing is under way but rests, of each connection one. `under_way` are
// their ids. What is wrong; empty: nothing.
std::string objection_to_rests(const Cell& cell, std::span<const std::uint64_t> under_way,
                               const Ledger& ledger);

class PipelineCheck {
 public:
  explicit PipelineCheck(const Cell& cell) : depth_(cell.pipeline) {}

  // The next query of a turn, in the order of their ids. Rests are left out.
  void add(const LedgerRecord& record);

  // What is wrong in that turn; empty: nothing. When a turn begins, each connection sends as many
  // queries as its pipeline takes, before it reads. So it had them under way, unless there were not
  // as many left.
  std::string objection() const;

 private:
  struct Connection {
    std::vector<std::int64_t> ends_ns;  // of its last `depth_` queries, by their number modulo that
    std::size_t queries = 0;
    bool was_full = false;
  };

  std::size_t depth_;
  std::vector<Connection> connections_;
};

}  // namespace waitbench
