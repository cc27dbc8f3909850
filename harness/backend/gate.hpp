// The gate: which queries of one trial are answered, and when. It withholds the trial's replies
// until exactly the expected number of queries waits, lets as many through as a turn allows, and
// holds again; so a trial needs no barrier of its own, and starts and ends each turn in the same
// state. Pure logic: it reads no clock and touches no socket, all times are handed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/backend/control.hpp"
#include "harness/results/histogram.hpp"
#include "harness/workloads/protocol.hpp"

namespace waitbench::backend {

// A point in time: on the wall, and in the CPU time that the backend has used.
struct Moment {
  std::int64_t clock_ns = 0;
  std::int64_t cpu_ns = 0;
};

class Gate {
 public:
  // From now on the trial is held, and counted anew: it is expected to come to so many queries in
  // flight and so many idle connections. `times_cycles`: see cycle(). `by_id`: its queries have the
  // ids 1, 2, 3 ... and are let through in the order of these, since some of them belong together.
  // After its turns it is held when `fewest` are in flight or more; 0: all that are expected.
  void watch(std::uint64_t in_flight, std::uint64_t idle_connections, bool times_cycles = false,
             bool by_id = false, std::uint64_t fewest = 0);

  // Lets the next `budget` queries through. Returns those that waited, in the order in which they
  // came or of their ids, with their delays counted from now. Of no effect unless the trial is
  // watched.
  std::vector<PendingReply> open(std::uint64_t budget, Moment now);

  // Open loop: lets all queries through as they come, but of further rest queries only the first
  // `late_rests`: where workers are fewer than clients, so many clients may have been about to rest
  // when the turn before ended.
  // So it is held again when none of its clients has anything more to ask. Returns those that
  // waited.
  std::vector<PendingReply> run(std::uint64_t late_rests, Moment now);

  // Holds no more and delays no more. Returns all that waited, idle connections included, due now.
  std::vector<PendingReply> release(std::int64_t now_ns);

  // The same for those that wait, but later queries get their delays as in a trial never watched.
  std::vector<PendingReply> forget(std::int64_t now_ns);

  // Enters a query. True: it is let through, and its `due_ns` is set. False: it is held.
  bool arrive(PendingReply& query);

  // Enters an idle connection. True: it is to be answered at once. False: it is kept.
  bool keep_idle(PendingReply& connection);

  // A reply to a query was sent, at `sent_ns`.
  void answered(const PendingReply& query, std::int64_t sent_ns);

  // A connection was sent one reply at `before_ns` (0: none) and the next one at `sent_ns`. That is
  // how long its client took for a query, from outside. Of no effect unless watch() asked for it.
  void cycle(std::int64_t before_ns, std::int64_t sent_ns);

  // The cycles that lie wholly within the turn.
  const Histogram& cycles_ns() const { return cycles_ns_; }

  // The trial did what it must not do. The first offence is reported.
  void note_offence(Offence offence);

  // The connections whose queries are held.
  std::vector<std::uint64_t> waiting_connections() const;

  // A connection went away while it was owed the answers to `queries` queries, held or not.
  void lose(std::uint64_t connection, std::uint64_t queries);

  // What there is to be reported of the trial, once; to be asked after each event.
  std::optional<control::ReportKind> take_news();

  // When the trial was found to be held, for the report.
  void note_held(Moment now) { held_at_ = now; }

  // The trial's part of a report; the counters of the whole process are left at 0.
  control::Report report(control::ReportKind kind) const;

 private:
  enum class Mode { ungated, gated, released };
  enum class Overflow { none, seen, reported };

  bool lets_through(const PendingReply& query);
  bool is_held() const;
  std::vector<PendingReply> begin_turn(std::uint64_t most, Moment now);
  std::vector<PendingReply> let_all_through(std::int64_t now_ns);

  Mode mode_ = Mode::ungated;
  std::uint64_t expected_ = 0;
  std::uint64_t fewest_ = 0;  // that are enough; all that are expected, before the first turn
  std::uint64_t fewest_after_turns_ = 0;
  std::uint64_t expected_idle_ = 0;
  std::uint64_t budget_ = 0;  // queries that may still be let through
  bool by_id_ = false;        // whether only ids up to `last_id_` are let through
  std::uint64_t last_id_ = 0;
  bool holds_rests_only_ = false;  // open loop
  std::uint64_t late_rests_ = 0;   // that may still be let through
  std::vector<PendingReply> held_;
  std::vector<PendingReply> idle_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t peak_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t lost_ = 0;
  Moment opened_at_;
  Moment held_at_;
  std::int64_t exhausted_ns_ = 0;  // when the last query of the turn had arrived
  std::int64_t delay_error_sum_ns_ = 0;
  std::int64_t delay_error_max_ns_ = 0;
  bool held_is_reported_ = false;
  Overflow overflow_ = Overflow::none;
  Offence offence_ = Offence::none;
  bool offence_is_reported_ = false;
  bool times_cycles_ = false;
  Histogram cycles_ns_;
};

}  // namespace waitbench::backend
