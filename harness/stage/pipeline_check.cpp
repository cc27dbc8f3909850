#include "harness/stage/pipeline_check.hpp"

#include <fmt/format.h>

#include <set>

namespace waitbench {

std::string objection_to_rests(const Cell& cell, std::span<const std::uint64_t> under_way,
                               const Ledger& ledger) {
  if (cell.pipeline == 1) return "";
  std::set<std::size_t> connections;
  for (const std::uint64_t id : under_way)
    if (!connections.insert(ledger.record(id).client / cell.pipeline).second)
      return "several clients of one pipeline rest at once, where nothing can be behind a rest";
  return "";
}

void PipelineCheck::add(const LedgerRecord& record) {
  if (depth_ == 1 || record.client >= most_connections) return;
  const std::size_t number = record.client / depth_;
  if (number >= connections_.size()) connections_.resize(number + 1);
  Connection& connection = connections_[number];
  connection.ends_ns.resize(depth_);
  connection.ends_ns[connection.queries++ % depth_] = record.end_ns;
  // In the place behind it is the query that was sent as many before.
  const std::int64_t first_end_ns = connection.ends_ns[connection.queries % depth_];
  if (connection.queries >= depth_ && record.start_ns < first_end_ns) connection.was_full = true;
}

std::string PipelineCheck::objection() const {
  for (const Connection& connection : connections_)
    if (connection.queries >= depth_ && !connection.was_full)
      return fmt::format(
          "a connection had {} queries in a turn, and never {} of them under way at "
          "once, as its pipeline should",
          connection.queries, depth_);
  return "";
}

}  // namespace waitbench
