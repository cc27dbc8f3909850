#include "harness/backend/nginx/conductor.hpp"

#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "harness/backend/gate_client.hpp"
#include "harness/backend/nginx/status.hpp"
#include "harness/backend/server_cpu.hpp"
#include "harness/workloads/nginx/endpoint.hpp"
#include "harness/workloads/nginx/server.hpp"

namespace waitbench {
namespace {

using control::Report;
using control::ReportKind;

struct HeldTrial {
  Timetable* timetable = nullptr;
  std::uint64_t in_flight = 0;
  bool has_turn = false;       // it is in one, or has had one
  bool has_tickets = false;    // ... of a closed loop
  std::uint64_t answered = 0;  // in all its turns
  std::int64_t opened_ns = 0;
  std::uint64_t requests_opened = 0;
  std::int64_t cpu_opened_ns = 0;
};

class NginxConductor final : public Conductor {
 public:
  NginxConductor(const nginx::Endpoint& endpoint, pid_t launcher, std::int64_t patience_ns)
      : status_(endpoint.server, patience_ns), gate_(endpoint.gate, patience_ns), cpu_(launcher) {
    statistics(0);
  }

  int fd() const override { return gate_.fd(); }

  void watch(std::uint16_t trial, const Expected& expected) override {
    gate_.watch(nginx::rest_of(trial, expected.timetable->turn()),
                {.in_flight = expected.in_flight});
    trials_[trial] = {.timetable = expected.timetable, .in_flight = expected.in_flight};
  }

  void open(std::uint16_t number, std::uint64_t queries) override {
    trials_.at(number).has_tickets = true;
    begin_turn(number, [queries](Timetable& timetable) { timetable.post_tickets(queries); });
  }

  // The stage has posted the arrivals.
  void run(std::uint16_t number, std::uint64_t) override {
    begin_turn(number, [](Timetable&) {});
  }

  void release(std::uint16_t trial) override {
    if (const auto found = trials_.find(trial); found != trials_.end()) {
      gate_.release(rest_of(*found));
      trials_.erase(found);
    }
  }
  void hang_up(std::uint16_t trial) override { release(trial); }
  void dismiss(std::uint16_t trial) override {
    if (const auto found = trials_.find(trial); found != trials_.end()) {
      gate_.dismiss(rest_of(*found));
      trials_.erase(found);
    }
  }

  // What is reported of trials that are forgotten is of no interest.
  std::optional<Report> next_report() override {
    std::optional<Report> report = gate_.next_report();
    if (!report) return std::nullopt;
    for (auto& trial : trials_) {
      if (rest_of(trial) != report->trial) continue;
      report->trial = trial.first;
      return report->kind == ReportKind::held ? held(trial.second, *report) : report;
    }
    return std::nullopt;
  }

  // Of both servers, since it is asked whether they answer at all.
  Report statistics(std::uint16_t trial) override {
    status_.requests();
    const auto found = trials_.find(trial);
    Report report = gate_.statistics(found == trials_.end() ? trial : rest_of(*found));
    report.trial = trial;
    return report;
  }

  Histogram cycles_ns(std::uint16_t) override { return {}; }
  bool shares_our_clock() const override { return true; }

 private:
  using Trials = std::unordered_map<std::uint16_t, HeldTrial>;

  static std::uint16_t rest_of(const Trials::value_type& trial) {
    return nginx::rest_of(trial.first, trial.second.timetable->turn());
  }

  // The gate withholds the next rests before it lets the last ones go, and from then on those, too,
  // that come late: a worker may have put them off while others rested.
  template <class Post>
  void begin_turn(std::uint16_t number, Post post) {
    HeldTrial& trial = trials_.at(number);
    const std::uint32_t turn = trial.timetable->turn();
    gate_.watch(nginx::rest_of(number, turn + 1), {.in_flight = trial.in_flight});
    trial.has_turn = true;
    trial.requests_opened = status_.requests();
    trial.cpu_opened_ns = cpu_.read_ns();
    trial.timetable->begin_next_turn();
    post(*trial.timetable);
    trial.opened_ns = now_ns();
    gate_.release(nginx::rest_of(number, turn));
  }

  // The gate has seen the rests. What the turn came to, the timetable and nginx know.
  Report held(HeldTrial& trial, const Report& rests) {
    Report report{.kind = ReportKind::held, .trial = rests.trial};
    report.in_flight = rests.in_flight;
    report.peak = rests.peak;
    report.opened_ns = trial.opened_ns;
    report.exhausted_ns = trial.has_tickets ? trial.timetable->exhausted_ns() : trial.opened_ns;
    report.held_ns = rests.held_ns;
    report.cpu_opened_ns = trial.cpu_opened_ns;
    report.cpu_held_ns = cpu_.read_ns();
    constexpr std::uint64_t of_status = 1;
    if (trial.has_turn) trial.answered += status_.requests() - trial.requests_opened - of_status;
    report.answered = trial.answered;
    return report;
  }

  nginx::Status status_;
  GateClient gate_;
  ServerCpu cpu_;
  Trials trials_;
};

}  // namespace

std::unique_ptr<Conductor> connect_to_nginx(const Backend& backend, std::int64_t patience_ns) {
  return std::make_unique<NginxConductor>(nginx::parse_endpoint(backend.endpoint()), backend.pid(),
                                          patience_ns);
}

}  // namespace waitbench
