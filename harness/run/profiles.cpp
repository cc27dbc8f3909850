#include "harness/run/profiles.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "harness/run/loads.hpp"

namespace waitbench {
namespace {

// Every ratio of a cell shares the luck of the baseline's processes, so there are several of them,
// and ratios are taken to their mean. harness/TRUST.md has what the number buys.
constexpr std::size_t baseline_entries = 4;
constexpr std::size_t one_for_many_entries = 7;

// What the positive control burns until it is known what a query of the baseline costs.
constexpr double usual_planted_ns = 400;

Cell cell(Transport transport, std::size_t in_flight, double delay_us) {
  return {.transport = transport, .in_flight = in_flight, .delay_us = delay_us};
}

// A matched load asks equally often whatever is in flight: so cost is compared at one rate, and
// in-flight is what varies. How often, and how much work there is for each reply, follows from the
// machine (loads.hpp); until that is found, a cell has the loads that are fixed.
CellPlan matched(Transport transport, std::size_t in_flight, std::size_t rounds,
                 double rate_share = 1) {
  const double delay_us = Loads{}.query_interval_us * static_cast<double>(in_flight) / rate_share;
  CellPlan plan =
      rounds_in(cell(transport, in_flight, delay_us), "matched", Lineup::models, rounds);
  plan.fit.rate_share = rate_share;
  plan.planted_ns = usual_planted_ns;
  plan.fit.planted_share = 0.05;
  return plan;
}

CellPlan saturated(Transport transport, std::size_t in_flight, std::size_t rounds) {
  return rounds_in(cell(transport, in_flight, 0), "saturated", Lineup::models, rounds);
}

// With a little work of the client's own for each reply. Without, a backend that has no more CPUs
// than its clients is as likely to be the limit as they are, and throughput cannot be ranked.
CellPlan saturated_with_work(Transport transport, std::size_t in_flight, std::size_t rounds) {
  CellPlan plan = saturated(transport, in_flight, rounds);
  plan.cell.work_us = Loads{}.work_us;
  plan.fit.work = true;
  return plan;
}

// Beside those that ask there are so many connections that only wait. select and poll look at all
// of them for each reply, and can sustain only a part of the matched rate.
CellPlan idle(std::size_t idle_connections, std::size_t rounds, double rate_share) {
  CellPlan plan = matched(Transport::tcp, 64, rounds, rate_share);
  plan.purpose = "idle";
  plan.cell.idle = idle_connections;
  return plan;
}

// With the handwritten counterparts beside the models, and without a delay: a query costs least
// then, so what the seam adds is the largest share of it.
CellPlan seam(Transport transport, std::size_t in_flight, std::size_t rounds) {
  return rounds_in(cell(transport, in_flight, 0), "seam", Lineup::seam, rounds);
}

CellPlan one_for_many(std::size_t rounds) {
  CellPlan plan = matched(Transport::tcp, 64, rounds);
  plan.purpose = "a-a";
  plan.lineup = Lineup::one_for_many;
  return plan;
}

// Memory wanders less than time does: a few invocations will do.
CellPlan memory(std::size_t in_flight, std::size_t most_invocations) {
  Cell cell = usual_memory_cell();
  cell.in_flight = in_flight;
  CellPlan plan = memory_pass(cell);
  plan.most_invocations = most_invocations;
  return plan;
}

// Shows that all is well, and no more: short turns, few rounds.
Profile smoke() {
  constexpr auto tcp = Transport::tcp;
  constexpr std::size_t short_turn = 1000;  // queries
  Profile profile = {"smoke",
                     2,
                     {matched(tcp, 64, 1), saturated_with_work(tcp, 64, 2),
                      seam(Transport::unix, 64, 2), one_for_many(2)},
                     0,
                     0};
  for (CellPlan& plan : profile.cells) plan.turn_queries = short_turn;
  return profile;
}

// Its turns are short, so that many rounds fit into its time: noise is that of the machine, which
// varies from turn to turn, whether it has 500 queries or 4,000.
Profile quick() {
  constexpr auto tcp = Transport::tcp;
  constexpr auto unix = Transport::unix;
  constexpr double budget_s = 165;
  constexpr double half_width = 0.015;
  constexpr std::size_t watched = 512;  // connections, in the cell in which most are idle
  Profile profile = {
      "quick",
      5,
      {matched(tcp, 8, 2), matched(tcp, 64, 2), matched(tcp, 256, 1), matched(unix, 64, 2),
       idle(watched - 64, 1, 0.5), saturated_with_work(tcp, 64, 2),
       saturated_with_work(unix, 64, 2), seam(unix, 64, 4), one_for_many(2), memory(1000, 1)},
      budget_s,
      half_width};
  for (CellPlan& plan : profile.cells) {
    plan.turn_queries = std::max<std::size_t>(500, 10 * plan.cell.in_flight);
    // One cell has all of them, which shows what they cost.
    plan.has_reference_lines = plan.cell == matched(tcp, 64, 1).cell;
    // On a slow machine these take half of the time.
    plan.is_optional = plan.purpose == "idle" || plan.cell.in_flight == 256;
  }
  return profile;
}

Profile full() {
  constexpr double budget_s = 55 * 60;
  constexpr double half_width = 0.007;
  constexpr std::size_t rounds = 2;
  Profile profile = {"full", 5, {}, budget_s, half_width};
  for (const Transport transport : {Transport::tcp, Transport::unix}) {
    for (const std::size_t in_flight : {1, 8, 64, 256, 1000}) {
      profile.cells.push_back(matched(transport, in_flight, rounds));
      profile.cells.push_back(saturated(transport, in_flight, rounds));
    }
    profile.cells.push_back(saturated_with_work(transport, 64, rounds));
    profile.cells.push_back(saturated_with_work(transport, 1000, rounds));
    profile.cells.push_back(seam(transport, 64, 4));
    profile.cells.push_back(seam(transport, 1000, rounds));
  }
  CellPlan fresh = matched(Transport::tcp, 64, rounds, 0.25);
  fresh.purpose = "fresh";
  fresh.cell.connections = Connections::fresh;
  CellPlan work = matched(Transport::tcp, 64, rounds, 0.5);
  work.purpose = "work";
  work.cell.work_us = Loads{}.work_us;
  work.fit.work = true;
  profile.cells.insert(profile.cells.end(), {fresh, idle(1000, rounds, 0.25), work, one_for_many(4),
                                             memory(1000, 5), memory(4000, 5)});
  for (CellPlan& plan : profile.cells)
    if (plan.fit.planted_share > 0) plan.fit.planted_share = 0.03;
  return profile;
}

// What people use, beside the models that do the same by hand. Interpreted languages sustain a
// quarter of the load that models do; those that do not sustain a load are not ranked there.
Profile guests() {
  constexpr auto tcp = Transport::tcp;
  constexpr auto unix = Transport::unix;
  constexpr double budget_s = 14 * 60;
  constexpr double half_width = 0.02;
  Profile profile = {"guests",
                     4,
                     {matched(tcp, 64, 2), matched(tcp, 64, 2, 0.25), matched(tcp, 1000, 1, 0.5),
                      matched(unix, 64, 2), matched(unix, 64, 2, 0.25), saturated(tcp, 64, 2),
                      one_for_many(2), memory(1000, 1)},
                     budget_s,
                     half_width,
                     "^(callback|coroutine|fiber)-(epoll|libuv|io_uring)$|^callback-(select|poll)$|"
                     "^fiber-select$|^generator-epoll$|^(thread|process)-per-connection$"};
  for (CellPlan& plan : profile.cells) {
    plan.turn_queries = std::max<std::size_t>(500, 2 * plan.cell.in_flight);
    // Most of its time is that of the longest delays: a turn takes as long as the last of 1,000.
    plan.is_optional = plan.cell.in_flight == 1000 && plan.pass == Pass::rounds;
    if (plan.is_optional) plan.most_invocations = 3;
  }
  return profile;
}

// The model that all are compared with.
const Participant* baseline_of(std::span<const Participant* const> models) {
  const auto found = std::ranges::find(models, usual_baseline, &Participant::name);
  return found == models.end() ? models.front() : *found;
}

// How often the baseline is entered. Where the seam is priced it is no more than one of the models:
// each of them is compared with its own counterpart.
std::size_t entries_of_baseline(Lineup lineup) {
  switch (lineup) {
    case Lineup::models: return baseline_entries;
    case Lineup::seam: return 2;
    case Lineup::one_for_many: return one_for_many_entries;
    case Lineup::each_once: break;
  }
  return 1;
}

}  // namespace

// Over Unix sockets, where all that the kernel keeps for a connection is among the objects that it
// counts; many enough for its share to stand out.
Cell usual_memory_cell() {
  return {.transport = Transport::unix, .in_flight = 1000, .delay_us = 200};
}

CellPlan rounds_in(const Cell& cell, std::string purpose, Lineup lineup, std::size_t rounds) {
  return {.purpose = std::move(purpose),
          .lineup = lineup,
          .cell = cell,
          .entries = {},
          .rounds = rounds,
          .turn_queries = default_turn_queries(cell)};
}

CellPlan memory_pass(const Cell& cell) {
  CellPlan plan = rounds_in(cell, "memory", Lineup::each_once, 1);
  plan.pass = Pass::memory;
  return plan;
}

CellPlan open_loop_cell(const Cell& cell, double seconds, double p99_limit_us) {
  const bool sweeps = p99_limit_us > 0;
  CellPlan plan = rounds_in(cell, sweeps ? "sweep" : "open", Lineup::models, sweeps ? 1 : 2);
  plan.pass = sweeps ? Pass::sweep : Pass::rounds;
  plan.seconds = seconds;
  plan.p99_limit_us = p99_limit_us;
  return plan;
}

std::span<const Profile> profiles() {
  static const std::vector<Profile> all = {smoke(), quick(), full(), guests()};
  return all;
}

std::vector<Entry> entries_for(Lineup lineup, std::span<const Participant* const> models,
                               std::span<const Participant> everybody, double planted_ns) {
  std::vector<Entry> entries;
  if (lineup == Lineup::each_once) {
    for (const Participant* model : models) entries.push_back({model, 0});
    return entries;
  }
  const Participant* baseline = baseline_of(models);
  for (std::size_t entry = 0; entry < entries_of_baseline(lineup); ++entry)
    entries.push_back({baseline, entry});
  if (lineup == Lineup::one_for_many) return entries;
  const auto handwritten_of = [everybody](const Participant& model) {
    return find_participant(everybody, "handwritten-" + std::string(model.name));
  };
  for (const Participant* model : models)
    if (model != baseline && (lineup == Lineup::models || handwritten_of(*model) != nullptr))
      entries.push_back({model, 0});
  if (lineup == Lineup::models) {
    const Participant* control = find_participant(everybody, "positive-control");
    if (planted_ns > 0 && control != nullptr && baseline->name == usual_baseline)
      entries.push_back({control, 0});
    return entries;
  }
  for (const Participant* model : models)
    if (const Participant* counterpart = handwritten_of(*model))
      entries.push_back({counterpart, 0});
  if (const Participant* no_op = find_participant(everybody, "no-op"))
    entries.push_back({no_op, 0});
  return entries;
}

}  // namespace waitbench
