// The gate: which queries of one trial are answered, and when. It withholds the trial's replies
// until exactly the expected number of queries waits, lets as many through as a turn allows, and
// holds again; so a trial needs no barrier of its own, and starts and ends each turn in the same
// state. Pure logic: it reads no clock and touches no socket, all times are handed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/workloads/delay/wire.hpp"

namespace waitbench::backend {

// One query on its way through the backend. It is what the heap of deadlines moves about, hence
// the packing: with the heap's own two words an entry fills one cache line.
struct Query {
  std::uint64_t connection = 0;  // who asked
  std::uint64_t id = 0;
  std::int64_t delay_ns = 0;
  std::int64_t received_ns = 0;
  std::int64_t due_ns = 0;  // set by the gate when it lets the query through
  std::uint32_t payload_bytes = 0;
  std::uint16_t trial = 0;
  std::uint8_t flags = 0;  // of the request
  bool parked = false;

  bool single_bytes() const { return (flags & wire::single_bytes) != 0; }
  bool rests() const { return (flags & wire::rests) != 0; }
};
static_assert(sizeof(Query) == 48);

// A point in time: on the wall, and in the CPU time that the backend has used.
struct Moment {
  std::int64_t clock_ns = 0;
  std::int64_t cpu_ns = 0;
};

class Gate {
 public:
  // From now on the trial is held, and counted anew: `expected` queries in flight and `parked` idle
  // connections are what it can come to.
  void watch(std::uint64_t expected, std::uint64_t parked);

  // Lets the next `budget` queries through. Returns those that waited, in the order in which they
  // came, with their delays counted from now. Of no effect unless the trial is watched.
  std::vector<Query> open(std::uint64_t budget, Moment now);

  // Open loop: lets through whatever comes, but rests only for `rests_ns` more: those may still be
  // on their way from before. So the trial is held again when each of its clients has nothing more
  // to ask. Returns those that waited.
  std::vector<Query> run(std::int64_t rests_ns, Moment now);

  // Holds no more and delays no more. Returns whatever waited, parked connections included, due
  // now.
  std::vector<Query> release(std::int64_t now_ns);

  // The same for those who wait, but later queries get their delays as in a trial never watched.
  std::vector<Query> forget(std::int64_t now_ns);

  // Enters a query. True: it is let through, and its `due_ns` is set. False: it is held.
  bool arrive(Query& query);

  // Enters an idle connection. True: it is to be answered at once. False: it stays parked.
  bool park(Query& query);

  // A reply to a query was sent, at `sent_ns`.
  void answered(const Query& query, std::int64_t sent_ns);

  // A connection went away while it was owed the answers to `queries` queries, held or not.
  void lose(std::uint64_t connection, std::uint64_t queries);

  // What the conductor of the trial ought to be told, once; to be asked after each event.
  std::optional<wire::Tell> take_news();

  // When the trial was found to be held, for the report.
  void note_held(Moment now) { held_at_ = now; }

  // The trial's part of a report; the counters of the whole process are left at 0.
  wire::Report report(wire::Tell tell) const;

 private:
  enum class Mode { ungated, gated, released };
  enum class Overflow { none, seen, told };

  bool lets_through(const Query& query);
  bool is_held() const;
  std::vector<Query> begin_turn(std::uint64_t most, Moment now);
  std::vector<Query> let_all_through(std::int64_t now_ns);

  Mode mode_ = Mode::ungated;
  std::uint64_t expected_ = 0;
  std::uint64_t expected_parked_ = 0;
  std::uint64_t budget_ = 0;   // queries that may still be let through
  std::int64_t until_ns_ = 0;  // open loop: rests that come before it are let through; else 0
  std::vector<Query> held_;
  std::vector<Query> parked_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t peak_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t lost_ = 0;
  Moment opened_at_;
  Moment held_at_;
  std::int64_t exhausted_ns_ = 0;
  std::int64_t delay_error_sum_ns_ = 0;
  std::int64_t delay_error_max_ns_ = 0;
  bool held_is_told_ = false;
  Overflow overflow_ = Overflow::none;
};

}  // namespace waitbench::backend
