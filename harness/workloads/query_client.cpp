#include "harness/workloads/query_client.hpp"

#include <fmt/format.h>

#include <cstring>
#include <optional>

namespace waitbench {

QueryClient::QueryClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number)
    : config_(config),
      ledger_(ledger),
      burn_iterations_(static_cast<std::uint64_t>(
          (config.cell.work_us + config.planted_ns / ns_per_us) * config.burn_iterations_per_us)),
      number_(number),
      works_later_(config.cell.lock != LockUse::none) {}

std::int64_t QueryClient::take_next() {
  if (config_.timetable == nullptr) return 0;
  if (issued_ns_ != 0) config_.timetable->end_wait();
  const std::int64_t now = issued_ns_ != 0 ? now_ns() : start_of_next_ns();
  const std::optional<std::int64_t> arrival_ns = config_.timetable->take(now);
  intended_start_ns_ = arrival_ns && issued_ns_ != 0 ? issued_ns_ : arrival_ns.value_or(0);
  const std::int64_t begins_ns = arrival_ns.value_or(config_.timetable->ends_ns());
  if (begins_ns <= now) return 0;
  last_end_ns_ = 0;
  return begins_ns;
}

void QueryClient::cancel(Cancelled how, std::int64_t delay_ns) {
  LedgerRecord& entry = ledger_.record(id_);
  last_end_ns_ = now_ns();
  entry.end_ns = last_end_ns_;
  entry.due_ns = delay_ns;
  entry.cancelled = how;
}

void QueryClient::lose(std::string_view what, int outcome) {
  lose(fmt::format("{}: {}", what,
                   outcome == 0 ? "the backend closed the connection" : std::strerror(-outcome)));
}

void QueryClient::lose(std::string_view why) {
  fail(fmt::format("client {}, query {}: {}", number_, id_, why));
}

void QueryClient::fail(std::string_view reason) {
  ledger_.fail(reason);
}

}  // namespace waitbench
