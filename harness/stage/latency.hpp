// What is kept of the latencies of a trial: how long its queries took, and where the time went.
//
//   intended start    start       received     due          sent          end
//        |--- send lag ---|-- transit --|-- delay --|-- delay error --|-- resume lag --|
//
// Where client and backend read the same clock, the parts of a query add up to its latency exactly;
// where they do not, there are none.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/results/histogram.hpp"
#include "harness/workloads/ledger.hpp"

namespace waitbench {

inline constexpr std::array<std::string_view, 5> latency_part_names = {
    "send_lag",     // the client was late: it had others to serve, or its timer came late
    "transit",      // until the backend had read the request, with a connect if there was one
    "delay",        // what was asked of the backend
    "delay_error",  // by how much more it delayed the reply
    "resume_lag"    // from the backend's send until the client had the whole reply
};

using LatencyParts = std::array<std::int64_t, latency_part_names.size()>;  // in ns

// Empty when the stamps of an answered query are not in the order in which things happen.
std::optional<LatencyParts> latency_parts(const LedgerRecord& record);

struct Latency {
  Histogram corrected_ns;    // from the intended start: no query that had to wait is left out
  Histogram uncorrected_ns;  // from the actual one, which is what hides a stall
  std::array<Histogram, latency_part_names.size()> parts_ns;
  Histogram fan_out_ns;  // of tasks that ask several at once: until the last of these has ended

  void add(const LedgerRecord& record, bool has_one_clock = true);
  void add(const Latency& others);
};

// How long tasks take that ask so many queries at once. To be given the records of whole fan-outs,
// in the order of their ids.
class FanOutTimes {
 public:
  explicit FanOutTimes(std::size_t fan_out) : left_(fan_out), fan_out_(fan_out) {}

  void add(const LedgerRecord& record, Latency& latency) {
    last_end_ns_ = std::max(last_end_ns_, record.end_ns);
    if (--left_ > 0) return;
    const std::int64_t took_ns = std::exchange(last_end_ns_, 0) - record.intended_start_ns;
    latency.fan_out_ns.add(static_cast<std::uint64_t>(took_ns));
    left_ = fan_out_;
  }

 private:
  std::int64_t last_end_ns_ = 0;
  std::size_t left_;  // of the fan-out at hand
  std::size_t fan_out_;
};

// In microseconds, as in a results file (results/README.md); null when there is nothing.
nlohmann::json latency_entry(const Histogram& latency_ns);
nlohmann::json latency_parts_entry(const Latency& latency);

}  // namespace waitbench
