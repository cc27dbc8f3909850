#include "harness/backend/postgres/conductor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "harness/backend/postgres/session.hpp"
#include "harness/backend/server_cpu.hpp"
#include "harness/os/deadline.hpp"
#include "harness/workloads/postgres/database.hpp"

namespace waitbench {
namespace {

using control::Report;
using control::ReportKind;

struct HeldTrial {
  Timetable* timetable = nullptr;
  std::uint64_t in_flight = 0;
  std::uint64_t idle_to_come = 0;  // connections that it still has to open
  std::uint64_t idle = 0;
  bool awaits_held = true;
  std::int64_t opened_ns = 0;
  std::int64_t cpu_opened_ns = 0;
};

class PostgresConductor final : public Conductor {
 public:
  PostgresConductor(const Backend& backend, std::int64_t patience_ns)
      : session_(backend.endpoint(), patience_ns), cpu_(backend.pid()), patience_ns_(patience_ns) {
    session_.execute(
        fmt::format("SET client_min_messages = warning; "
                    "SET lock_timeout = 5000; CREATE SCHEMA IF NOT EXISTS {}",
                    postgres::schema));
  }

  // Trials that were ended early have left their tables. A server that is gone has none.
  ~PostgresConductor() override {
    try {
      for (const std::uint16_t trial : tables_) session_.execute(postgres::drop_table(trial));
    } catch (...) {
    }
  }

  int fd() const override { return -1; }
  // The trial's clients themselves say when they rest, and the server is asked only then.
  std::int64_t glance_ns() const override { return 2 * ns_per_ms; }

  void watch(std::uint16_t trial, const Expected& expected) override {
    expected.timetable->set_rests(static_cast<std::uint32_t>(expected.in_flight),
                                  static_cast<std::uint32_t>(expected.fewest_in_flight));
    tables_.insert(trial);
    session_.execute(postgres::drop_table(trial) + ";" + postgres::create_table(trial));
    lock(trial, expected.timetable->turn());
    trials_[trial] = {.timetable = expected.timetable,
                      .in_flight = expected.in_flight,
                      .idle_to_come = expected.idle_connections,
                      .idle = expected.idle_connections};
  }

  void open(std::uint16_t trial, std::uint64_t queries) override {
    begin_turn(trial, [queries](Timetable& timetable) { timetable.post_tickets(queries); });
  }

  // The stage has posted the arrivals. A rest that was meant before waits for a lock that is free.
  void run(std::uint16_t trial, std::uint64_t) override {
    begin_turn(trial, [](Timetable&) {});
  }

  void release(std::uint16_t trial) override {
    if (const auto found = trials_.find(trial); found != trials_.end()) {
      unlock(trial, found->second.timetable->turn());
      if (found->second.idle > 0) end_idle_sessions(trial);
      trials_.erase(found);
    }
  }
  void hang_up(std::uint16_t trial) override { release(trial); }

  // Its sessions end when the server notices that their clients are gone.
  void dismiss(std::uint16_t trial) override { release(trial); }

  std::optional<Report> next_report() override {
    for (auto& [number, trial] : trials_) {
      if (!trial.awaits_held) continue;
      const std::optional<std::uint32_t> resting = trial.timetable->enough_rests();
      if (!resting) continue;
      const std::uint64_t waiting = count_waiting(number, trial.timetable->turn());
      if (waiting < std::min<std::uint64_t>(*resting, trial.in_flight)) continue;
      if (trial.idle_to_come > 0 && count_idle(number) < trial.idle_to_come) continue;
      trial.idle_to_come = 0;  // one that is lost later fails the trial by itself
      trial.awaits_held = false;
      return waiting > trial.in_flight ? overflow(number, waiting) : held(number, trial, waiting);
    }
    return std::nullopt;
  }

  Report statistics(std::uint16_t trial) override {
    const auto found = trials_.find(trial);
    const std::uint32_t turn = found == trials_.end() ? 0 : found->second.timetable->turn();
    Report report{.kind = ReportKind::statistics, .trial = trial};
    report.in_flight = report.peak = count_waiting(trial, turn);
    report.idle_connections = count_idle(trial);
    return report;
  }

  Histogram cycles_ns(std::uint16_t) override { return {}; }
  bool shares_our_clock() const override { return true; }
  bool counts_each_turn() const override { return false; }

  // A session hands in its counts when it ends, which may be a little after its client has.
  std::uint64_t work_of(std::uint16_t trial, std::uint64_t /*credited*/) override {
    Deadline deadline(patience_ns_);
    while (const std::int64_t sessions = count_sessions(trial)) {
      if (deadline.has_passed())
        throw WorkUnknown(
            fmt::format("its queries are not counted: the server still has {} of its sessions, {} "
                        "s after it has ended",
                        sessions, static_cast<double>(patience_ns_) / ns_per_s));
      session_.execute("SELECT pg_sleep(0.01)");
    }
    const auto counted = static_cast<std::uint64_t>(session_.number(
        fmt::format("SELECT idx_scan FROM pg_stat_user_tables WHERE relid = '{}'::regclass",
                    postgres::table_of(trial))));
    session_.execute(postgres::drop_table(trial));
    tables_.erase(trial);
    return counted;
  }

 private:
  // The next lock is taken before the last one is given up: so no client can slip through,
  // whichever of the two it asks for.
  template <class Post>
  void begin_turn(std::uint16_t number, Post post) {
    HeldTrial& trial = trials_.at(number);
    const std::uint32_t turn = trial.timetable->turn();
    lock(number, turn + 1);
    trial.cpu_opened_ns = cpu_.read_ns();
    trial.awaits_held = true;
    trial.timetable->begin_next_turn();
    post(*trial.timetable);
    trial.opened_ns = now_ns();
    unlock(number, turn);
  }

  void lock(std::uint16_t trial, std::uint32_t turn) {
    session_.execute(
        fmt::format("SELECT pg_advisory_lock({}, {})", trial, postgres::lock_of(turn)));
  }

  void unlock(std::uint16_t trial, std::uint32_t turn) {
    const std::string had_it = session_.execute(
        fmt::format("SELECT pg_advisory_unlock({}, {})", trial, postgres::lock_of(turn)));
    if (had_it != "t") throw std::runtime_error("the backend has lost the lock of a trial");
  }

  std::int64_t count_sessions(std::uint16_t trial) {
    return session_.number(
        fmt::format("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{}'",
                    postgres::session_name(trial)));
  }

  std::uint64_t count_idle(std::uint16_t trial) {
    return static_cast<std::uint64_t>(session_.number(
        fmt::format("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{}' AND "
                    "state = 'idle'",
                    postgres::idle_session_name(trial))));
  }

  // Their clients wait for nothing else.
  void end_idle_sessions(std::uint16_t trial) {
    session_.execute(
        fmt::format("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                    "application_name = '{}'",
                    postgres::idle_session_name(trial)));
  }

  std::uint64_t count_waiting(std::uint16_t trial, std::uint32_t turn) {
    return static_cast<std::uint64_t>(session_.number(
        fmt::format("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = {} "
                    "AND objid = {} AND NOT granted",
                    trial, postgres::lock_of(turn))));
  }

  static Report overflow(std::uint16_t number, std::uint64_t waiting) {
    Report report{.kind = ReportKind::overflow, .trial = number};
    report.in_flight = report.peak = waiting;
    return report;
  }

  Report held(std::uint16_t number, const HeldTrial& trial, std::uint64_t waiting) {
    Report report{.kind = ReportKind::held, .trial = number};
    report.in_flight = waiting;
    report.peak = trial.in_flight;
    report.opened_ns = trial.opened_ns;
    report.exhausted_ns = trial.timetable->exhausted_ns();
    report.held_ns = trial.timetable->held_ns();
    report.cpu_opened_ns = trial.cpu_opened_ns;
    report.cpu_held_ns = cpu_.read_ns();
    return report;
  }

  postgres::Session session_;
  ServerCpu cpu_;
  std::int64_t patience_ns_;
  std::unordered_map<std::uint16_t, HeldTrial> trials_;
  std::unordered_set<std::uint16_t> tables_;  // of trials
};

}  // namespace

std::unique_ptr<Conductor> connect_to_postgres(const Backend& backend, std::int64_t patience_ns) {
  return std::make_unique<PostgresConductor>(backend, patience_ns);
}

}  // namespace waitbench
