// The harness's end of a server: it tells the server to open and to hold trials, and receives its
// reports. Our own backend withholds replies at a gate (GateClient). A server that cannot is made
// to hold its clients in another way: see the conductors of the real servers.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>

#include "harness/backend/control.hpp"
#include "harness/results/histogram.hpp"
#include "harness/workloads/timetable.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

// A trial has ended, and the server cannot say what it has carried out for it: the trial's fault,
// or nobody's. what() says so of the trial.
struct WorkUnknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What a trial is to come to when no reply comes, and how it is to be watched. For `times_cycles`
// and `by_id` see Gate::watch().
struct Expected {
  std::uint64_t in_flight = 0;
  std::uint64_t idle_connections = 0;
  // After its turns so many in flight are enough, where a trial cannot say how many there will be;
  // 0: all are to be.
  std::uint64_t fewest_in_flight = 0;
  bool times_cycles = false;
  bool by_id = false;
  bool loses_queries = false;      // it cancels some, of which the server may never hear
  Timetable* timetable = nullptr;  // null where it has none; stays where it is until it ends
};

// Every function throws std::runtime_error when the server is gone, does not answer in time, or
// reports what cannot be true; what() then begins with "the backend".
class Conductor {
 public:
  Conductor() = default;
  Conductor(const Conductor&) = delete;
  Conductor& operator=(const Conductor&) = delete;
  virtual ~Conductor() = default;

  // Readable when a report may have come; -1: there is no such descriptor.
  virtual int fd() const = 0;
  // After how long next_report() is to be asked again in any case.
  virtual std::int64_t glance_ns() const { return 20 * ns_per_ms; }

  // The trial, which is about to start, is to be held as soon as it has come to that.
  virtual void watch(std::uint16_t trial, const Expected& expected) = 0;

  // Lets the next `queries` queries of the trial through, and then holds it again.
  virtual void open(std::uint16_t trial, std::uint64_t queries) = 0;
  // Open loop: lets the trial follow its timetable, until each of its clients rests again.
  // `late_rests`: see Gate::run().
  virtual void run(std::uint16_t trial, std::uint64_t late_rests) = 0;
  // Holds the trial no more: its clients are to end.
  virtual void release(std::uint16_t trial) = 0;
  // The same, for clients that end when their connections are closed.
  virtual void hang_up(std::uint16_t trial) = 0;
  // Forgets the trial, whose process was ended.
  virtual void dismiss(std::uint16_t trial) = 0;

  // The next report of an event, if there is one; never blocks for long.
  virtual std::optional<control::Report> next_report() = 0;
  // What the server sees of a trial now; of trial 0, whether the server answers at all.
  virtual control::Report statistics(std::uint16_t trial) = 0;
  // How long the cycles of the trial's last turn took, where watch() asked for it.
  virtual Histogram cycles_ns(std::uint16_t trial) = 0;

  // Whether the server's clock is that of this machine, by its last report of a turn.
  virtual bool shares_our_clock() const = 0;

  // Whether its reports say how many queries a turn had answered. If not, work_of() is all.
  virtual bool counts_each_turn() const { return true; }

  // How many queries the server has carried out for a trial that has ended, which was credited with
  // so many. Throws WorkUnknown.
  virtual std::uint64_t work_of(std::uint16_t /*trial*/, std::uint64_t credited) {
    return credited;
  }
};

}  // namespace waitbench
