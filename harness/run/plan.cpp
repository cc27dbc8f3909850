#include "harness/run/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>

#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

std::size_t most_of(std::size_t limit) {
  return limit / 5 * 4;
}

// How many connections may be open at once on the side of the backend, and what sets that limit.
struct Room {
  std::size_t connections;
  std::string limit;
  std::string remedy;
};

Room room_in_backend(const Cell& cell, const Limits& limits) {
  if (const std::size_t most = workload_named(cell.workload).most_connections; most > 0)
    return {most_of(most), fmt::format("the {} connections that {} takes", most, cell.workload),
            "ask for fewer models"};
  const Room by_descriptors = {
      std::max(most_of(limits.descriptors), own_descriptors) - own_descriptors,
      fmt::format("the limit of {} descriptors per process", limits.descriptors),
      "raise it (ulimit -n)"};
  const Room by_ports = {most_of(limits.ports), fmt::format("the {} ephemeral ports", limits.ports),
                         "widen net.ipv4.ip_local_port_range, or use --transport unix"};
  const bool ports_bind =
      cell.transport == Transport::tcp && by_ports.connections < by_descriptors.connections;
  return ports_bind ? by_ports : by_descriptors;
}

// Those that the kernel schedules one by one, as it does connections of these models; the few of
// the others are left to the fifth that is not used.
std::size_t threads_of(const Participant& participant, const Cell& cell) {
  const bool kernel_scheduled = participant.style == "thread" || participant.style == "process";
  const std::size_t tasks = participant.joins_threads ? cell.in_flight / cell.fan_out : 0;
  const std::size_t waiting = cell.fan_out > 1 ? tasks : 0;
  const std::size_t asking = participant.most_conversations(cell);
  return kernel_scheduled ? asking * participant.threads_each + waiting : 0;
}

// Each has to fit beside the reference, unless it is alone.
void check_threads(const CellPlan& plan, const Limits& limits) {
  const std::size_t room = most_of(limits.threads);
  const Entry& reference = plan.entries.front();
  for (const Entry& entry : plan.entries) {
    const bool alone = plan.pass != Pass::rounds || &entry == &reference;
    const std::size_t beside = alone ? 0 : threads_of(*reference.participant, plan.cell);
    const std::size_t needed = threads_of(*entry.participant, plan.cell) + beside;
    if (needed > room)
      throw std::invalid_argument(fmt::format(
          "{} with {} in flight passes 80% of the limit of {} threads: use at most --in-flight {}, "
          "or raise kernel.threads-max, kernel.pid_max, ulimit -u or the control group's pids.max",
          entry.participant->name, plan.cell.in_flight, limits.threads,
          room * plan.cell.in_flight / needed));
  }
}

}  // namespace

std::vector<std::string> fitted_axes(const Fit& fit) {
  std::vector<std::string> axes;
  if (fit.rate_share > 0) axes.emplace_back("delay_us");
  if (fit.work) axes.emplace_back("work_us");
  return axes;
}

std::size_t most_connections_of_one(const Limits& limits) {
  return std::max(limits.descriptors, own_descriptors + 1) - own_descriptors;
}

std::size_t invocations_of(const RunPlan& plan, const CellPlan& cell) {
  return std::min(plan.invocations, cell.most_invocations) + cell.further_invocations;
}

std::vector<WorkUnit> work_units(const RunPlan& plan) {
  std::size_t most = 0;
  for (const CellPlan& cell : plan.cells) most = std::max(most, invocations_of(plan, cell));
  std::vector<WorkUnit> units;
  for (std::size_t invocation = 0; invocation < most; ++invocation)
    for (std::size_t cell = 0; cell < plan.cells.size(); ++cell)
      if (invocation < invocations_of(plan, plan.cells[cell]))
        std::ranges::move(units_of(plan, cell, invocation), std::back_inserter(units));
  return units;
}

std::vector<WorkUnit> units_of(const RunPlan& plan, std::size_t cell, std::size_t invocation) {
  std::set<std::size_t> cohorts;
  for (const Entry& entry : plan.cells[cell].entries) cohorts.insert(entry.cohort);
  std::vector<WorkUnit> units;
  for (const std::size_t cohort : cohorts) units.push_back({invocation, cell, cohort});
  return units;
}

std::vector<Entry> entries_of(const RunPlan& plan, const WorkUnit& unit) {
  std::vector<Entry> entries;
  std::ranges::copy_if(plan.cells[unit.cell].entries, std::back_inserter(entries),
                       [&unit](const Entry& entry) { return entry.cohort == unit.cohort; });
  return entries;
}

std::size_t default_turn_queries(const Cell& cell) {
  return std::max<std::size_t>(2000, 10 * cell.in_flight);
}

std::size_t turn_queries(const CellPlan& plan, const Participant& participant) {
  if (plan.cell.is_open_loop()) return arrivals_within(plan.cell.rate_qps, plan.seconds);
  if (participant.role == Role::no_op) return 1;  // which stands for a batch: see no_op.cpp
  const std::size_t share = plan.turn_queries * participant.max_in_flight(plan.cell);
  return plan.cell.whole_fan_outs(std::max<std::size_t>(20, share / plan.cell.most_in_flight()));
}

void split_into_cohorts(CellPlan& plan, const Limits& limits) {
  check_threads(plan, limits);
  const std::size_t each = plan.cell.client_connections() + plan.cell.idle;
  const Room room = room_in_backend(plan.cell, limits);
  const std::size_t at_once = room.connections / each;
  const bool alone = plan.pass != Pass::rounds;
  const std::size_t least = alone ? 1 : std::min<std::size_t>(plan.entries.size(), 2);
  if (at_once < least)
    throw std::invalid_argument(
        fmt::format("{} connections for each of {} at once pass 80% of {}: use at most {}, or {}",
                    each, least == 1 ? "one model" : "two models", room.limit,
                    room.connections / least, room.remedy));
  if (alone) return;

  const std::size_t room_for_threads = most_of(limits.threads);
  const std::size_t shared = std::max<std::size_t>(at_once / 4, 1);
  std::vector<Entry> placed;
  std::size_t cohort = 0, alive = 0, threads = 0;
  const auto put = [&](const Entry& entry) {
    placed.push_back({entry.participant, entry.repeat, cohort});
    threads += threads_of(*entry.participant, plan.cell);
    ++alive;
  };
  const auto has_room_for = [&](const Entry& entry, std::size_t more_threads) {
    return alive < at_once &&
           threads + more_threads + threads_of(*entry.participant, plan.cell) <= room_for_threads;
  };
  // The baseline again, of whose entries a group always has one.
  const auto begin_group_for = [&](const Entry& entry) {
    ++cohort;
    alive = threads = 0;
    const std::size_t of_entry = threads_of(*entry.participant, plan.cell);
    for (const Entry& again : plan.entries) {
      const bool is_baseline = again.participant == plan.entries.front().participant;
      const bool is_enough = alive > 0 && (alive >= shared || !has_room_for(again, of_entry));
      if (!is_baseline || &again == &entry || is_enough) return;
      put(again);
    }
  };
  for (const Entry& entry : plan.entries) {
    if (!has_room_for(entry, 0)) begin_group_for(entry);
    put(entry);
  }
  plan.entries = std::move(placed);
}

}  // namespace waitbench
