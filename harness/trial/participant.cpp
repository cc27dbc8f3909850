#include "harness/trial/participant.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/machine/limits.hpp"
#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

// A model together with the conversations that it drives.
class ModelOfCell : public Model {
 public:
  ModelOfCell(const CatalogRow& row, const TrialContext& context)
      : context_(context),
        conversations_(
            workload_named(context.config.cell.workload).make_conversations(with_queue_of(row))),
        model_(row.make(conversations_->all(), settings())) {}

  void run() override { model_->run(); }

 private:
  // The clients of a loop let each other go on through its run queue; others, in their own way.
  const TrialContext& with_queue_of(const CatalogRow& row) {
    if (row.conversing == Conversing::one_thread) context_.run_queue = &run_queue_;
    context_.is_loop = !row.engine.empty();
    context_.clients_are_processes = row.conversing == Conversing::processes;
    return context_;
  }
  Settings settings() const {
    Settings settings = settings_of(context_.config.cell);
    settings.run_queue = context_.run_queue;
    settings.background = conversations_->background();
    return settings;
  }

  RunQueue run_queue_;
  TrialContext context_;
  std::unique_ptr<Conversations> conversations_;
  std::unique_ptr<Model> model_;
};

// Others have a descriptor for each connection, as the backend has, whose room is looked at first.
Eligibility has_room_for_descriptors(const CatalogRow& row, const Cell& cell) {
  const std::size_t limit = machine_limits().descriptors;
  const std::size_t needed = row.descriptors_each * (cell.in_flight + cell.idle) + own_descriptors;
  if (needed <= limit) return {};
  return {
      fmt::format("one of its processes would have {} descriptors, of which {} are allowed "
                  "(ulimit -n)",
                  needed, limit)};
}

// A model that waits for one connection at a time would wait for ever at the first quiet one.
Eligibility model_can_run(const CatalogRow& row, const Cell& cell) {
  if (cell.idle > 0 && !row.watches_idle)
    return {"it waits for one connection at a time, so it cannot watch idle ones"};
  if (cell.fan_out > 1 && !row.cannot_join.empty()) return {std::string(row.cannot_join)};
  if (cell.connections.is_pool() && row.conversing == Conversing::processes)
    return {"a connection of a pool is shared by its clients, and processes cannot share one"};
  if (cell.clients_wait_for_each_other() && cell.loops > 1)
    return {"clients wait for each other in one loop only"};
  if (row.passes_over_limits && cell.limit == 0)
    return {"it passes over a limit, and there is none: give --limit N"};
  if (cell.limit > 0 && cell.fan_out > 1 && row.conversing == Conversing::threads)
    return {"the threads of a task come to the limit in any order, and a turn has whole fan-outs"};
  if (cell.makes_calls_outside() && row.forks)
    return {"its clients are in processes that it forks, which would need workers of their own"};
  if (cell.makes_calls_outside() && cell.loops > 1)
    return {"workers make the calls of clients of one loop"};
  if (row.descriptors_each > 1)
    if (Eligibility room = has_room_for_descriptors(row, cell); !room) return room;
  if (row.max_connections != 0 && cell.client_connections() + cell.idle > row.max_connections)
    return {fmt::format(
        "{} cannot watch descriptors beyond 1,023, which leaves room for {} connections",
        row.engine, row.max_connections)};
  return {};
}

// The program of that name that is written for the workload; null when there is none.
const Handwritten* find_handwritten(const Workload& workload, std::string_view name) {
  if (workload.no_op != nullptr && workload.no_op->name == name) return workload.no_op;
  const auto found = std::ranges::find(workload.handwritten, name, &Handwritten::name);
  return found == workload.handwritten.end() ? nullptr : &*found;
}

Eligibility handwritten_can_run(std::string_view name, const Cell& cell) {
  const Handwritten* found = find_handwritten(workload_named(cell.workload), name);
  if (found == nullptr)
    return {fmt::format("it is not written for the workload {}", cell.workload)};
  return found->can_run(cell);
}

// One participant stands for the programs of that name, whatever their workload.
Participant participant_of(const Handwritten& any, Role role) {
  const std::string_view name = any.name;
  return {.name = name,
          .role = role,
          .style = any.style,
          .engine = any.engine,
          .summary = any.summary,
          .in_flight_limit = any.max_in_flight,
          .make =
              [name](const TrialContext& context) {
                const Workload& workload = workload_named(context.config.cell.workload);
                return find_handwritten(workload, name)->make(context);
              },
          .can_run = [name](const Cell& cell) { return handwritten_can_run(name, cell); },
          .is_allowed_here =
              [allowed = any.is_allowed_here] { return allowed ? allowed() : Eligibility{}; }};
}

void add_once(std::vector<Participant>& participants, const Handwritten& written, Role role) {
  if (find_participant(participants, written.name) == nullptr)
    participants.push_back(participant_of(written, role));
}

}  // namespace

Settings settings_of(const Cell& cell) {
  return {.depth = cell.depth,
          .loops = cell.loops,
          .workers = cell.workers,
          .shared_connections = cell.connections.pool_size};
}

std::size_t Participant::max_in_flight(const Cell& cell) const {
  return in_flight_when_held(cell) * cell.pipeline;
}

std::size_t Participant::in_flight_when_held(const Cell& cell) const {
  return std::min(most_conversations(cell), cell.most_answered_at_once());
}

std::size_t Participant::most_conversations(const Cell& cell) const {
  return in_flight_limit(cell.conversations(), settings_of(cell));
}

Eligibility Participant::eligible(const Cell& cell) const {
  if (Eligibility here = eligible(); !here) return here;
  const Workload& workload = workload_named(cell.workload);
  if (workload.can_run != nullptr)
    if (Eligibility asked = workload.can_run(cell); !asked) return asked;
  return can_run(cell);
}

TrialCommand run_by_this_program(const TrialOrder& order) {
  return {.arguments = {"trial", to_text(order)}};
}

Participant participant_of(const CatalogRow& row, Role role) {
  return {.name = row.name,
          .role = role,
          .style = row.style,
          .engine = row.engine,
          .summary = row.summary,
          .in_flight_limit = row.max_in_flight,
          .make =
              [row](const TrialContext& context) {
                return std::make_unique<ModelOfCell>(row, context);
              },
          .can_run = [row](const Cell& cell) { return model_can_run(row, cell); },
          .is_allowed_here =
              [row] { return row.unavailable ? Eligibility{row.unavailable()} : Eligibility{}; },
          .threads_each = row.threads_each,
          .own_sockets = row.own_sockets,
          .sets_loads = row.sets_loads,
          .joins_threads = row.joins_threads};
}

Participant positive_control() {
  const auto baseline = std::ranges::find(catalog(), usual_baseline, &CatalogRow::name);
  Participant control = participant_of(*baseline, Role::positive_control);
  control.name = "positive-control";
  control.summary =
      "callback-epoll with a known amount of CPU more per query, which is to be found";
  return control;
}

std::vector<Participant> all_participants() {
  std::vector<Participant> participants;
  for (const CatalogRow& row : catalog()) participants.push_back(participant_of(row));
  for (const CatalogRow& row : pitfalls())
    participants.push_back(participant_of(row, Role::pitfall));
  for (const Workload* workload : workloads())
    for (const Handwritten& written : workload->handwritten)
      add_once(participants, written, Role::handwritten);
  for (const Workload* workload : workloads())
    if (workload->no_op != nullptr) add_once(participants, *workload->no_op, Role::no_op);
  participants.push_back(positive_control());
  return participants;
}

const Participant* find_participant(std::span<const Participant> participants,
                                    std::string_view name) {
  const auto found = std::ranges::find(participants, name, &Participant::name);
  return found == participants.end() ? nullptr : &*found;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::model: return "model";
    case Role::pitfall: return "pitfall";
    case Role::handwritten: return "handwritten";
    case Role::no_op: return "no-op";
    case Role::positive_control: return "positive-control";
    case Role::control: return "control";
    case Role::guest: return "guest";
  }
  return "";
}

}  // namespace waitbench
