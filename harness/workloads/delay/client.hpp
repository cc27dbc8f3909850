// One simulated client of the delay query: what it asks, how it checks a reply, what it writes
// down.
//
// It does no I/O. A conversation drives it step by step, a handwritten program calls it in a
// straight line; so both make the same stamps and the same checks, and none can forget to measure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "harness/os/random.hpp"
#include "harness/workloads/cell.hpp"
#include "harness/workloads/ledger.hpp"
#include "harness/workloads/timetable.hpp"

namespace waitbench {

// What all the clients of a trial have in common.
struct ClientConfig {
  Cell cell;
  std::uint16_t trial = 0;            // by this number the backend knows whose queries they are
  std::uint64_t seed = 0;             // of the delays
  double burn_iterations_per_us = 0;  // of this machine, where the cell has work_us
  bool check_every_byte = false;      // verification; else header, first and last bytes
  bool single_bytes = false;          // let the backend reply byte by byte
  Timetable* timetable = nullptr;  // open loop: when queries begin; null: when the last has ended
};

class Client {
 public:
  enum class Progress { incomplete, complete, wrong };

  Client(const ClientConfig& config, Ledger& ledger, std::uint32_t number);

  bool finished() const { return ledger_.stopping(); }

  // Takes the next query, and says until when to sleep before it is asked: 0 for not at all, as
  // always in a closed loop. In an open one it is the next of the timetable that nobody has taken;
  // and when there is none, it is but a rest at the gate, from the end of the turn to the next one.
  std::int64_t take_next();

  // Enters the query that was taken in the ledger, and gives the bytes to send. They stand where
  // the reply will.
  std::span<std::byte> ask();

  // Where the reply's next bytes belong. A word more than the rest of the reply, so that a read
  // which takes the whole reply does not fill it: an exact fit would mean "there may be more".
  std::span<std::byte> room();

  // Takes note that `bytes` more of the reply stand in what room() gave. Once it is complete, the
  // query is stamped and entered; when it is not what was asked, the trial has failed.
  Progress take(std::size_t bytes);

  // The trial has failed: `what` was being done, with this outcome (-errno, or 0 at the stream's
  // end).
  void lose(std::string_view what, int outcome);
  void fail(std::string_view reason);

 private:
  std::size_t reply_bytes() const;   // header and payload
  std::size_t buffer_bytes() const;  // of which longer replies take the payload piece by piece
  std::uint64_t draw_delay_ns();
  std::int64_t start_of_next_ns() const;
  Progress check_header();
  bool check_payload(std::uint64_t offset, std::span<const std::byte> bytes) const;
  void finish();

  const ClientConfig& config_;
  Ledger& ledger_;
  std::uint64_t work_iterations_;  // the cell's work_us, as burn() counts it
  Random random_;
  std::unique_ptr<std::byte[]> buffer_;  // of the request, and after it of the reply
  std::uint64_t id_ = 0;                 // of the query at hand
  std::int64_t last_end_ns_ = 0;         // 0: the next query cannot begin where this one ended
  std::int64_t intended_start_ns_ = 0;   // open loop: of the query taken; 0: it rests
  std::uint32_t number_;
  std::uint32_t received_ = 0;  // bytes of the reply at hand
};

// Burns CPU: the same number of iterations is the same work for every model.
void burn(std::uint64_t iterations);

// How many iterations take a microsecond of CPU time here and now.
double burn_iterations_per_us();

}  // namespace waitbench
