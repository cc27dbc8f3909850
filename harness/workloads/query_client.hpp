// What the simulated clients of every workload have in common: when a client asks, and what it
// writes down. A workload's own client derives from this one and adds what is said.
//
// It does no I/O. A conversation drives it step by step, a handwritten program calls it in a
// straight line; so both take the same stamps, and none can forget to measure.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "harness/workloads/trial_context.hpp"
#include "harness/workloads/work.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

// The backend's CLOCK_MONOTONIC for a reply; all 0 where a workload has no such stamps.
struct ReplyStamps {
  std::int64_t received_ns = 0;
  std::int64_t due_ns = 0;
  std::int64_t sent_ns = 0;
};

class QueryClient {
 public:
  enum class Progress { incomplete, complete, wrong };

  bool finished() const { return ledger_.stopping(); }

  // The next query begins now, though the client may have to wait until it can be sent.
  void issue() {
    issued_ns_ = start_of_next_ns();
    if (config_.timetable != nullptr) config_.timetable->begin_wait();
  }

  // Takes the next query, and returns the time until which the client has to sleep before it asks;
  // 0: it asks at once, as always in a closed loop. In an open loop it takes the next arrival of
  // the timetable that no other client has taken. If none is left, the client sleeps to the end of
  // the turn and then sends a rest query, which the gate keeps until the next turn. In a closed
  // loop with a timetable it sends one at once.
  std::int64_t take_next();

  // The next query is one of several that a task has asked at once, at that time: it has its id.
  void take_given(std::uint64_t id, std::int64_t asked_ns) {
    given_id_ = id;
    intended_start_ns_ = asked_ns;
  }

  // The next query is the first on its connection: of a client whose protocol begins with more.
  void greet() {}

  // What lies between the last query and the next one is not waiting.
  void pause() { last_end_ns_ = 0; }

  std::uint64_t id() const { return id_; }  // of the query at hand

  // Of the query at hand, where there is a deadline: whether it is let through in this turn, and so
  // may be cancelled; when it was asked; that it counts from an earlier attempt, which was
  // cancelled; and that it is cancelled, its reply being due after `delay_ns`.
  bool is_let_through() const { return ledger_.lets_through(id_); }
  std::int64_t asked_ns() const { return ledger_.record(id_).start_ns; }
  void count_from(std::int64_t asked_first_ns) {
    ledger_.record(id_).intended_start_ns = asked_first_ns;
  }
  void cancel(Cancelled how, std::int64_t delay_ns);

  // What there is to be done for a reply. Where that takes a lock, whoever has taken it says when.
  void work() const {
    if (burn_iterations_ > 0) burn(burn_iterations_);
  }

  // The trial has failed: `what` was being done, with this outcome (-errno, or 0 at the stream's
  // end).
  void lose(std::string_view what, int outcome);
  void lose(std::string_view why);
  void fail(std::string_view reason);

 protected:
  QueryClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number);

  const ClientConfig& config() const { return config_; }

  // Whether the query at hand is a rest query.
  bool rests() const { return config_.timetable != nullptr && intended_start_ns_ == 0; }

  bool is_given() const { return given_id_ != 0; }

  // Enters the query that was taken in the ledger, from which it gets its id unless it has one.
  void begin_query() {
    if (is_given()) {
      id_ = given_id_;
      return ledger_.enter(id_, number_, intended_start_ns_, now_ns());
    }
    const std::int64_t start_ns =
        issued_ns_ != 0 ? std::exchange(issued_ns_, 0) : start_of_next_ns();
    const bool has_timetable = config_.timetable != nullptr;
    id_ = ledger_.begin(number_, has_timetable ? intended_start_ns_ : start_ns, start_ns);
  }

  // The query at hand was answered, and the reply is right.
  void end_query(const ReplyStamps& stamps) {
    LedgerRecord& entry = ledger_.record(id_);
    last_end_ns_ = now_ns();
    entry.end_ns = last_end_ns_;
    entry.received_ns = stamps.received_ns;
    entry.due_ns = stamps.due_ns;
    entry.sent_ns = stamps.sent_ns;
    ++entry.answers;
    if (!works_later_) work();
  }

 private:
  // One query's end is the next one's start, unless something lies between that is not waiting. CPU
  // time that is planted does not count as such: another reading of the clock would add to it.
  std::int64_t start_of_next_ns() const {
    const bool at_once = last_end_ns_ != 0 && config_.cell.work_us == 0 &&
                         config_.cell.block_us == 0 && !works_later_ &&
                         !config_.cell.connections.is_fresh;
    return at_once ? last_end_ns_ : now_ns();
  }

  const ClientConfig& config_;
  Ledger& ledger_;
  std::uint64_t burn_iterations_;       // for each reply: the cell's work_us and what is planted
  std::uint64_t id_ = 0;                // of the query at hand
  std::int64_t last_end_ns_ = 0;        // 0: the next query cannot begin where this one ended
  std::int64_t issued_ns_ = 0;          // of the next query; 0: when it is sent
  std::int64_t intended_start_ns_ = 0;  // open loop: of the query taken; 0: a rest query
  std::uint64_t given_id_ = 0;          // of the query taken; 0: it gets the next one
  std::uint32_t number_;
  bool works_later_;
};

}  // namespace waitbench
