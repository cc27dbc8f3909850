// A participant: who takes a turn in the rounds. Each model of the catalog is one; so are its
// handwritten counterpart, which is what one would write without the seam, the no-op, which shows
// what the harness itself costs, the positive control, which costs a known amount more than the
// baseline, a guest, which is a program of another kind, and in the tests the negative controls.
// All of them are found, listed, refused and started in one way.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/os/process.hpp"
#include "harness/trial/order.hpp"
#include "harness/workloads/eligibility.hpp"
#include "harness/workloads/trial_context.hpp"
#include "impls/catalog.hpp"

namespace waitbench {

enum class Role { model, pitfall, handwritten, no_op, positive_control, control, guest };

struct Guest;

// The model that all are compared with, where it takes part.
inline constexpr std::string_view usual_baseline = "callback-epoll";

// The command that starts a trial in a process of its own.
struct TrialCommand {
  std::string program = this_program;
  std::vector<std::string> arguments{};
  int end_signal = SIGKILL;  // see Launch
};

// `waitbench trial ORDER`: this program, which makes the participant's model and runs it.
TrialCommand run_by_this_program(const TrialOrder& order);

struct Participant {
  std::string_view name;
  Role role = Role::model;
  std::string_view style{};
  std::string_view engine{};
  std::string_view summary{};
  std::size_t (*in_flight_limit)(std::size_t conversations, const Settings& settings) = nullptr;

  // The model that this program runs, ready to run. The context must outlive it. Empty for a
  // participant with a command of its own.
  std::function<std::unique_ptr<Model>(const TrialContext&)> make{};

  // Whether it can run a cell, and whether this machine allows it at all.
  std::function<Eligibility(const Cell&)> can_run = [](const Cell&) { return Eligibility{}; };
  std::function<Eligibility()> is_allowed_here = [] { return Eligibility{}; };

  // See CatalogRow.
  std::size_t threads_each = 1;
  std::size_t own_sockets = 0;
  bool sets_loads = true;
  bool joins_threads = false;

  // How its trials are started. A program of another kind, in whatever language, says so here.
  std::function<TrialCommand(const TrialOrder&)> command = run_by_this_program;

  std::shared_ptr<const Guest> guest{};  // null for all others; owns the names of one

  // May it take part at all, here; and in that cell?
  Eligibility eligible() const { return is_allowed_here(); }
  Eligibility eligible(const Cell& cell) const;

  // How many of the cell's queries it can have in flight at once; and when it is held: one of each
  // connection that it uses.
  std::size_t max_in_flight(const Cell& cell) const;
  std::size_t in_flight_when_held(const Cell& cell) const;
  // How many of the cell's conversations it can have under way at once, whatever they wait for.
  std::size_t most_conversations(const Cell& cell) const;

  // Whether its clients enter their queries in the ledger. A guest knows of none: it is credited by
  // the backend's count.
  bool keeps_ledger() const { return role != Role::guest; }

  // Whether it can have more than one at all.
  bool is_concurrent() const { return in_flight_limit(2, {}) > 1; }
};

// What of a cell concerns the model alone.
Settings settings_of(const Cell& cell);

// A catalog row as a participant: with the conversations of the workload of its cell.
Participant participant_of(const CatalogRow& row, Role role = Role::model);

// The baseline under a name of its own. In each cell that plants CPU time (CellPlan::planted_ns) it
// burns so much more for each reply, so the comparison has to find that it costs more.
Participant positive_control();

// Models and pitfalls in the catalog's order, then the handwritten programs of the workloads, each
// name once, then the no-op and the positive control.
std::vector<Participant> all_participants();

const Participant* find_participant(std::span<const Participant> participants,
                                    std::string_view name);

std::string_view role_name(Role role);

}  // namespace waitbench
