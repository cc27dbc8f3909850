#include "harness/backend/report_check.hpp"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

using control::Report;
using control::ReportKind;

// Clocks of two machines differ by far less than this and a hundredth.
constexpr std::int64_t clock_slack_ns = ns_per_ms;
constexpr std::int64_t most_cpus = 1024;

template <class... Args>
void refuse_if(bool is_wrong, const Report& report, fmt::format_string<Args...> text,
               Args&&... args) {
  if (!is_wrong) return;
  throw std::runtime_error(fmt::format("the backend reported of trial {} {}", report.trial,
                                       fmt::format(text, std::forward<Args>(args)...)));
}

double seconds(std::int64_t ns) {
  return static_cast<double>(ns) / ns_per_s;
}

}  // namespace

void ReportCheck::watch(std::uint32_t trial, std::uint64_t in_flight,
                        std::uint64_t idle_connections, std::uint64_t fewest, bool loses_queries) {
  trials_[trial] = {.in_flight = in_flight,
                    .idle_connections = idle_connections,
                    .fewest = fewest,
                    .loses_queries = loses_queries};
}

void ReportCheck::open(std::uint32_t trial, std::uint64_t queries, std::int64_t asked_ns) {
  trials_[trial].allowed += queries;
  begin_turn(trials_[trial], asked_ns);
}

// How many queries an open loop comes to is up to the model.
void ReportCheck::run(std::uint32_t trial, std::int64_t asked_ns) {
  trials_[trial].is_open_loop = true;
  trials_[trial].allowed = std::numeric_limits<std::uint64_t>::max();
  begin_turn(trials_[trial], asked_ns);
}

void ReportCheck::begin_turn(Trial& trial, std::int64_t asked_ns) {
  trial.asked_ns = asked_ns;
  trial.cpu_asked_ns = cpu_ns_;
  trial.awaits_held = true;
}

void ReportCheck::dismiss(std::uint32_t trial) {
  trials_[trial].is_dismissed = true;
}

void ReportCheck::forget(std::uint32_t trial) {
  trials_.erase(trial);
}

void ReportCheck::check(const Report& report, std::int64_t arrived_ns) {
  const bool is_event = report.kind == ReportKind::held || report.kind == ReportKind::overflow ||
                        report.kind == ReportKind::offence;
  const bool is_statistics = report.kind == ReportKind::statistics;
  refuse_if(is_event != (report.sequence == 0), report,
            "something of kind {} as the answer to order {}", static_cast<unsigned>(report.kind),
            report.sequence);
  if (is_statistics) check_cpu(report, cpu_ns_);
  if (!is_event && !is_statistics) return;
  const auto found = trials_.find(report.trial);
  if (found == trials_.end() && is_statistics) return;
  refuse_if(found == trials_.end(), report, "that something happened, and nobody watches it");
  Trial& trial = found->second;
  if (trial.is_dismissed) return;

  refuse_if(report.in_flight > report.peak, report, "{} queries in flight, and at most {} so far",
            report.in_flight, report.peak);
  refuse_if(report.peak > std::numeric_limits<std::uint32_t>::max(), report,
            "{} queries in flight at once", report.peak);
  refuse_if(report.answered > trial.allowed, report,
            "{} queries as answered, where {} were allowed", report.answered, trial.allowed);
  refuse_if(report.answered < trial.answered, report, "{} queries as answered, after {}",
            report.answered, trial.answered);
  const bool has_offence = report.kind == ReportKind::offence || report.offence != Offence::none;
  refuse_if(has_offence && describe(report.offence).empty(), report,
            "an offence that there is not, number {}", static_cast<unsigned>(report.offence));
  if (report.kind == ReportKind::held) check_held(trial, report, arrived_ns);
  if (report.kind != ReportKind::overflow) return;
  refuse_if(report.in_flight <= trial.in_flight, report,
            "that more than {} queries are in flight, and then {}", trial.in_flight,
            report.in_flight);
  refuse_if(trial.has_overflowed, report, "twice that more than {} queries are in flight",
            trial.in_flight);
  trial.has_overflowed = true;
}

void ReportCheck::check_held(Trial& trial, const Report& report, std::int64_t arrived_ns) {
  refuse_if(!trial.awaits_held, report, "that it is held, twice");
  const bool has_fewer = trial.fewest > 0 && trial.asked_ns != 0 &&
                         report.in_flight >= trial.fewest && report.in_flight <= trial.in_flight;
  refuse_if((report.in_flight != trial.in_flight && !has_fewer) || report.peak != trial.in_flight,
            report,
            "that it is held with {} queries in flight, and at most {} so far, where it has {}",
            report.in_flight, report.peak, trial.in_flight);
  refuse_if(report.idle_connections != trial.idle_connections, report,
            "that it is held with {} idle connections, where it has {}", report.idle_connections,
            trial.idle_connections);
  refuse_if(report.held_ns <= 0, report, "that it was held at {} s of a clock",
            seconds(report.held_ns));
  if (trial.asked_ns != 0) {
    check_times(trial, report, arrived_ns);
    check_amounts(trial, report);
  }
  check_cpu(report, trial.asked_ns == 0 ? cpu_ns_ : trial.cpu_asked_ns);
  trial.awaits_held = false;
  trial.answered = report.answered;
  trial.last_held_ns = report.held_ns;
}

// That the turn lies after the one before, and lasted no longer than between our order and the
// report of its end.
void ReportCheck::check_times(const Trial& trial, const Report& report, std::int64_t arrived_ns) {
  // In an open loop there is no last query of a turn.
  const std::int64_t exhausted_ns = trial.is_open_loop ? report.opened_ns : report.exhausted_ns;
  refuse_if(report.opened_ns <= 0 || report.opened_ns < trial.last_held_ns ||
                exhausted_ns < report.opened_ns || report.held_ns < exhausted_ns,
            report,
            "a turn that was opened at {:.6f} s, had its last query at {:.6f} s and was held at "
            "{:.6f} s, after one that was held at {:.6f} s",
            seconds(report.opened_ns), seconds(exhausted_ns), seconds(report.held_ns),
            seconds(trial.last_held_ns));
  const std::int64_t turn_ns = report.held_ns - report.opened_ns;
  const std::int64_t our_ns = arrived_ns - trial.asked_ns;
  refuse_if(turn_ns > our_ns + our_ns / 100 + clock_slack_ns, report,
            "a turn of {:.6f} s, which took {:.6f} s from the order to the report",
            seconds(turn_ns), seconds(our_ns));
}

void ReportCheck::check_amounts(const Trial& trial, const Report& report) {
  const bool is_complete = report.lost >= trial.allowed ||
                           report.answered >= trial.allowed - report.lost || trial.is_open_loop ||
                           trial.loses_queries;
  refuse_if(!is_complete, report,
            "{} queries as answered and {} as lost, where {} were let through", report.answered,
            report.lost, trial.allowed);
  const std::int64_t turn_ns = report.held_ns - report.opened_ns;
  const std::uint64_t replies = report.answered - trial.answered;
  refuse_if(replies > static_cast<std::uint64_t>(turn_ns), report, "{} replies in {} ns", replies,
            turn_ns);
  refuse_if(report.cpu_opened_ns < trial.cpu_asked_ns || report.cpu_held_ns < report.cpu_opened_ns,
            report, "CPU times of {:.6f} s, {:.6f} s and {:.6f} s, one after the other",
            seconds(trial.cpu_asked_ns), seconds(report.cpu_opened_ns),
            seconds(report.cpu_held_ns));
  const std::int64_t cpu_ns = report.cpu_held_ns - report.cpu_opened_ns;
  refuse_if(cpu_ns / most_cpus > turn_ns + clock_slack_ns, report,
            "{:.6f} s of CPU time in a turn of {:.6f} s", seconds(cpu_ns), seconds(turn_ns));
  const std::int64_t sum_ns = report.delay_error_sum_ns;
  const std::int64_t max_ns = report.delay_error_max_ns;
  refuse_if(max_ns < 0 || max_ns > turn_ns || sum_ns < max_ns ||
                seconds(sum_ns) > seconds(max_ns) * static_cast<double>(replies) * 1.001,
            report, "{} replies that were late by {:.6f} s at most and by {:.6f} s in sum", replies,
            seconds(max_ns), seconds(sum_ns));
}

// CPU time is that of the whole backend, so no report of any trial may have less than the one
// before.
void ReportCheck::check_cpu(const Report& report, std::int64_t since_ns) {
  refuse_if(report.cpu_held_ns < since_ns, report, "{:.6f} s of CPU time, after {:.6f} s",
            seconds(report.cpu_held_ns), seconds(since_ns));
  cpu_ns_ = report.cpu_held_ns;
}

}  // namespace waitbench
