#include "harness/stage/pool_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/os/process_tree.hpp"
#include "harness/trial/trial.hpp"

namespace waitbench {
namespace {

// Each connection serves its clients in their order, and delays vary.
constexpr std::uint64_t enough_for_each = 40;

}  // namespace

std::string too_many_connections(pid_t trial, const Participant& participant, const Cell& cell) {
  if (!cell.connections.is_pool()) return "";
  const std::size_t sockets = count_sockets(trial);
  const std::size_t open = sockets - std::min(sockets, participant.own_sockets);
  const std::size_t most = cell.client_connections() + cell.idle;
  if (open <= most) return "";
  return fmt::format("it has {} connections open, where its pool and its idle ones are {}", open,
                     most);
}

// Workers that are fewer than the connections need not take notice of the pool.
std::string clients_left_out(const Participant& participant, const Cell& cell,
                             const Auditor& auditor, std::uint64_t completed) {
  const std::size_t by_itself = participant.most_conversations(cell);
  const bool shares = cell.connections.is_pool() && by_itself > cell.client_connections();
  if (!shares || completed < enough_for_each * cell.in_flight) return "";
  if (auditor.clients() >= cell.in_flight) return "";
  return fmt::format("in {} queries {} of its {} clients never had a connection of the pool",
                     completed, cell.in_flight - auditor.clients(), cell.in_flight);
}

}  // namespace waitbench
