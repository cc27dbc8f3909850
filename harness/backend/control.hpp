// The control protocol: how the harness works the gate of a backend. It is spoken over the same
// listeners as the queries, on connections of its own: one that begins with the four bytes of
// `magic` is a control connection, any other one speaks the protocol of the workload.
//
//   harness -> backend   Order (56 bytes)
//   backend -> harness   Report (160 bytes): one with the order's sequence number for each order
//                        that was carried out, and one for each event of a trial; before the former
//                        the pieces of what was asked for, CyclesPiece or TextPiece (160 bytes)
//
// Every number is little-endian and every struct is sent as it lies in memory. Magic and version
// stand at the same place in every version of the protocol, and each side refuses a version that is
// not its own.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/workloads/protocol.hpp"

namespace waitbench::control {

static_assert(std::endian::native == std::endian::little,
              "waitbench needs a little-endian machine");

// No text begins with the first of these bytes, and no workload may use all four.
inline constexpr std::uint32_t magic = 0x43425791;  // 0x91 "WBC"
inline constexpr std::uint16_t version = 5;

enum class OrderKind : std::uint16_t {
  watch = 1,   // hold `trial` at the gate, and count it anew
  open,        // let the next `queries` queries of `trial` through, then hold again
  run,         // open loop: let its queries through as they come; rest queries for a while only
  release,     // reply to all that `trial` is owed at once and without delay, and hold no more
  dismiss,     // forget `trial`: it is not held and not reported any more
  hang_up,     // close the connections on which queries of `trial` wait, and forget it
  cycles,      // report how long the cycles of the last turn of `trial` took: see Gate::cycle()
  statistics,  // report on `trial`
  describe,    // say what machine and program you are, and what your doctor finds
};

enum class ReportKind : std::uint16_t {
  done = 1,    // the order with this sequence number was carried out
  statistics,  // the same, of an order for statistics
  refused,     // the order is of another version of the protocol
  held,        // as many queries wait at the gate as were expected, and no reply is on its way
  overflow,    // more queries are in flight than the trial said it can have
  offence,     // a connection of the trial was dropped for what it sent
  cycles,      // a CyclesPiece
  text         // a TextPiece
};

struct Order {
  std::uint32_t magic = control::magic;
  std::uint16_t version = control::version;
  OrderKind kind = OrderKind::statistics;
  std::uint32_t sequence = 0;  // each order of a connection has the next one, from 1
  std::uint32_t trial = 0;
  std::uint64_t in_flight = 0;         // watch: how many queries the trial can have in flight
  std::uint64_t idle_connections = 0;  // watch: how many further connections it has
  std::uint64_t queries = 0;           // open, run; watch: the fewest when held again, 0: in_flight
  std::uint32_t times_cycles = 0;      // watch: 1 if the backend is to time the trial's cycles
  std::uint32_t by_id = 0;  // watch: 1 if queries are let through in the order of their ids
};
static_assert(sizeof(Order) == 48);

struct Report {
  std::uint32_t magic = control::magic;
  std::uint16_t version = control::version;
  ReportKind kind = ReportKind::held;
  std::uint32_t sequence = 0;  // of the order that it acknowledges; 0: of none
  std::uint32_t trial = 0;
  std::uint64_t in_flight = 0;         // queries of the trial received and not yet answered
  std::uint64_t peak = 0;              // the most there were at once since `watch`
  std::uint64_t idle_connections = 0;  // of the trial
  std::uint64_t answered = 0;          // queries of the trial answered since `watch`
  std::uint64_t lost = 0;              // queries of the trial whose connection went away unanswered
  std::int64_t opened_ns = 0;          // CLOCK_MONOTONIC: when the last open or run was carried out
  std::int64_t exhausted_ns = 0;       // when the last query that `open` allowed had arrived
  std::int64_t held_ns = 0;            // when the trial was held again
  std::int64_t cpu_opened_ns = 0;      // CPU time of the backend's process at opened_ns
  std::int64_t cpu_held_ns = 0;        // ... and at held_ns; statistics: now
  std::int64_t delay_error_sum_ns = 0;  // sum over the turn's replies of (sent - due)
  std::int64_t delay_error_max_ns = 0;
  std::uint64_t accepted = 0;       // connections that the backend has accepted since it started
  std::uint64_t served = 0;         // replies that it has sent since it started, to any client
  std::uint64_t dropped = 0;        // connections dropped for what they sent or did not read
  std::array<char, 16> workload{};  // whose protocol the backend speaks
  Offence offence = Offence::none;  // the first of the trial since `watch`
  std::uint32_t reserved = 0;
};
static_assert(sizeof(Report) == 160);

// Some buckets of the histogram of a turn's cycles (results/histogram.hpp). It is as large as a
// report, and begins as one.
struct CyclesPiece {
  struct Bucket {
    std::uint32_t index = 0;
    std::uint32_t count = 0;  // 0: there is no such bucket, nor any after it
  };

  std::uint32_t magic = control::magic;
  std::uint16_t version = control::version;
  ReportKind kind = ReportKind::cycles;
  std::uint32_t sequence = 0;  // of the order that asked for it
  std::uint32_t trial = 0;
  std::uint64_t sum_ns = 0;  // of the durations in this piece and all others
  std::uint64_t max_ns = 0;  // the longest of them
  std::array<Bucket, 16> buckets{};
};
static_assert(sizeof(CyclesPiece) == sizeof(Report));

// Some bytes of the backend's description of itself, which is a JSON object.
struct TextPiece {
  std::uint32_t magic = control::magic;
  std::uint16_t version = control::version;
  ReportKind kind = ReportKind::text;
  std::uint32_t sequence = 0;  // of the order that asked for it
  std::uint32_t bytes = 0;     // of `text`
  std::array<char, 144> text{};
};
static_assert(sizeof(TextPiece) == sizeof(Report));

inline constexpr std::size_t longest_description = 64 << 10;

// The name in a report, whatever bytes a peer has put there.
inline std::string_view workload_of(const Report& report) {
  const std::string_view name(report.workload.data(), report.workload.size());
  return name.substr(0, name.find('\0'));
}

}  // namespace waitbench::control
