// What every pass says of an entry: who was measured where, and what became of it. Each pass adds
// what it measures in a result type of its own, and says there how that becomes an entry of the
// results file (to_entry).
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "harness/os/interrupt.hpp"
#include "harness/results/status.hpp"
#include "harness/run/plan.hpp"
#include "harness/stage/trial_executor.hpp"
#include "harness/workloads/cell.hpp"

namespace waitbench {

struct EntryResult {
  std::string purpose;
  Cell cell;
  Fit fit{};
  Entry entry;
  std::size_t invocation = 0;
  std::size_t turn_queries = 0;  // of a participant's turn; 0 in a pass without turns
  double planted_ns = 0;         // of CPU per query, in the positive control
  Status status = Status::ok;
  std::string reason;
  std::optional<std::uint32_t> in_flight_peak_backend;  // if it failed over it; see TrialFailed
  bool interrupted = false;

  EntryResult() = default;
  EntryResult(const CellPlan& plan, const Entry& entry, std::size_t invocation);

  // The entry has no result, for this reason.
  void lose(Status why_not, std::string why, std::optional<std::uint32_t> peak = std::nullopt);
};

// Fills in the result with `measure`. Whatever that throws becomes the result's status and reason.
template <class Result, class Measure>
void fill_in(Result& result, Measure measure) {
  try {
    measure();
  } catch (const Interrupted&) {
    result.interrupt();
  } catch (const TrialFailed& error) {
    result.lose(Status::failed, error.what(), error.in_flight_peak_backend);
  } catch (const std::exception& error) {  // such as BackendFailed, std::system_error
    result.lose(Status::failed, error.what());
  }
}

// The result as an entry of a results file (results/README.md) in which nothing is measured yet:
// every field that a pass may fill in is there, and is null. Its flags are those of any pass.
nlohmann::json unmeasured_entry(const EntryResult& result);

// "query/callback-epoll/tcp/kept/in_flight:64/delay_us:2000", with "/entry:1" for a repeated entry.
std::string benchmark_name(const Participant& participant, const Cell& cell, std::size_t repeat);

}  // namespace waitbench
