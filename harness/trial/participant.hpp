// Who may enter a round: each model of the catalog; its native counterpart, which is what one would
// write without the seam; and the no-op, which shows what the harness itself costs.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/workloads/delay/client.hpp"
#include "impls/catalog.hpp"

namespace waitbench {

enum class Role { model, pitfall, handwritten, no_op, control };

// What a trial gives to the participant that it runs.
struct TrialContext {
  const ClientConfig& config;
  Ledger& ledger;
  const Address& backend;
  std::size_t batch;  // the no-op: queries for each one that really goes to the backend
};

struct Participant {
  std::string_view name;
  Role role;
  std::string_view style;
  std::string_view engine;
  std::string_view summary;
  std::size_t (*in_flight_limit)(std::size_t conversations, const Settings& settings);

  // The participant as a model that is ready to run. The context must outlive it.
  std::function<std::unique_ptr<Model>(const TrialContext&)> make;

  // Why the participant cannot run this cell, as a clause; empty when it can.
  std::function<std::string(const Cell& cell)> refusal;

  // Why this machine does not allow the participant at all, as a clause; empty when it does.
  std::function<std::string()> unavailable = [] { return std::string(); };

  // Either of them.
  std::string objection(const Cell& cell) const;

  // How many of the cell's queries it can have in flight at once.
  std::size_t max_in_flight(const Cell& cell) const;

  // Whether it can have more than one at all.
  bool is_concurrent() const { return in_flight_limit(2, {}) > 1; }
};

// What of a cell concerns the model alone.
Settings settings_of(const Cell& cell);

// A catalog row as a participant: with its conversations of the delay query.
Participant participant_of(const CatalogRow& row, Role role = Role::model);

// Models and pitfalls in the catalog's order, then natives, then the no-op.
std::vector<Participant> all_participants();

const Participant* find_participant(std::span<const Participant> participants,
                                    std::string_view name);

std::string_view role_name(Role role);

}  // namespace waitbench
