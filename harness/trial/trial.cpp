#include "harness/trial/trial.hpp"

#include <fmt/format.h>

#include <sys/prctl.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>

#include "harness/backend/endpoint.hpp"
#include "harness/machine/limits.hpp"
#include "harness/workloads/work.hpp"
#include "harness/workloads/workload.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// A run measures the speed of the machine only where its cells have work_us. The positive control
// needs it in every cell, and measures it before it opens a connection.
double burn_iterations_per_us_for(const TrialOrder& order) {
  const bool is_unknown = order.planted_ns > 0 && order.burn_iterations_per_us == 0;
  return is_unknown ? burn_iterations_per_us() : order.burn_iterations_per_us;
}

}  // namespace

std::int64_t turn_limit_ns(const TrialOrder& order, std::size_t max_in_flight,
                           std::uint64_t queries) {
  constexpr double busy = 16;     // how many times slower a busy machine or a sanitizer may be
  constexpr double longest = 30;  // of the random waits of a turn, relative to their mean
  constexpr double margin = 5;
  const Cell& cell = order.cell;
  const QueryTime time = workload_named(cell.workload).expected_query_time(cell);
  const double each_us = time.wait_us / static_cast<double>(max_in_flight) + cell.work_us +
                         cell.block_us + busy * time.cpu_us;
  const double expected_us =
      each_us * static_cast<double>(queries) * static_cast<double>(order.batch) +
      longest * time.wait_us;
  return static_cast<std::int64_t>(margin * expected_us * ns_per_us);
}

std::int64_t turn_grace_ns(std::int64_t deadline_ns) {
  constexpr std::int64_t usual_ns = 5 * ns_per_s;
  constexpr std::int64_t share = 6;  // the usual deadline has the usual grace
  return std::min(deadline_ns, std::max(usual_ns, deadline_ns / share));
}

int run_trial(const TrialOrder& order, std::span<const Participant> participants) {
  Ledger ledger = Ledger::attach(order.ledger_fd);
  try {
    const Participant* participant = find_participant(participants, order.participant);
    if (participant == nullptr)
      throw std::runtime_error("unknown participant " + order.participant);
    raise_descriptor_limit();
    std::optional<Timetable> timetable;
    if (order.timetable_fd >= 0) {
      timetable.emplace(Timetable::attach(order.timetable_fd));
      prctl(PR_SET_TIMERSLACK, 1UL);  // else the kernel may begin every query 50 us late
    }
    const ClientConfig config{.cell = order.cell,
                              .trial = order.number,
                              .seed = order.seed,
                              .burn_iterations_per_us = burn_iterations_per_us_for(order),
                              .planted_ns = order.planted_ns,
                              .check_every_byte = order.check_every_byte,
                              .single_bytes = order.single_bytes,
                              .timetable = timetable ? &*timetable : nullptr};
    const bool is_ours = workload_named(order.cell.workload).protocol != nullptr;
    const Address address = is_ours ? backend::parse_endpoint(order.endpoint) : Address{};
    const std::unique_ptr<Model> model = participant->make({.config = config,
                                                            .ledger = ledger,
                                                            .backend = address,
                                                            .endpoint = order.endpoint,
                                                            .batch = order.batch});
    model->run();
  } catch (const std::exception& error) {
    ledger.fail(error.what());
  }
  return ledger.failed() ? 1 : 0;
}

}  // namespace waitbench
