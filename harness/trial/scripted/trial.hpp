// The scripted trial: one style on the scripted engine, with the conversations of a workload and
// neither backend nor network, for a given number of queries. What it does depends on nothing but
// its order.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "harness/trial/participant.hpp"
#include "harness/workloads/cell.hpp"

namespace waitbench {

// Every style on the scripted engine, and "no-op-scripted", which is no model at all: what its
// instructions come to is spent by the harness.
std::span<const Participant> scripted_participants();

struct ScriptedOrder {
  std::string participant;
  Cell cell;
  std::uint64_t queries = 0;  // after which it ends; at least as many as are in flight
};

// As it stands on the command line, in JSON. scripted_order_from() throws what nlohmann::json does.
std::string to_text(const ScriptedOrder& order);
ScriptedOrder scripted_order_from(const std::string& text);

// Runs it in this process, and gives the ledger with all its queries. Throws std::runtime_error
// when one of them was not answered, or not answered right.
Ledger run_scripted(const ScriptedOrder& order);

}  // namespace waitbench
