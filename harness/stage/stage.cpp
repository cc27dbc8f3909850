#include "harness/stage/stage.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "harness/os/interrupt.hpp"
#include "harness/stage/connect.hpp"
#include "harness/stage/pipeline_check.hpp"
#include "harness/stage/pool_check.hpp"
#include "harness/workloads/workload.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// How often a waiting harness looks whether a process has ended.
constexpr std::int64_t glance_ns = 20 * ns_per_ms;

// By which a backend knows a trial. One elsewhere may still see those of an earlier stage, or of an
// earlier run: so numbers are not used again, and every process has its own first.
std::uint16_t next_number() {
  static std::atomic<std::uint32_t> given = static_cast<std::uint32_t>(getpid());
  constexpr std::uint32_t numbers = 0xffff;  // and 0, which is no trial
  return static_cast<std::uint16_t>(1 + given++ % numbers);
}

// Those that the backend sees of a trial, which are the first ones of its connections.
std::string queries_when_held(const RunningTrial& trial, std::uint64_t number) {
  return fmt::format(
      "{} {}", number,
      trial.order.cell.pipeline > 1 ? "queries at the head of a pipeline" : "queries");
}

}  // namespace

Stage::Stage(const StageOptions& options)
    : options_(options),
      backend_(find_backend(options)),
      conductor_(connect_conductor(*backend_, options)) {}

Stage::~Stage() = default;

RunningTrial& Stage::start(const Participant& participant, TrialOrder order,
                           std::size_t ledger_queries) {
  RunningTrial& trial = launch(participant, std::move(order), ledger_queries);
  try {
    naming_the_culprit([&] {
      Deadline deadline(options_.deadline_ns);
      await_held(trial, deadline);
    });
  } catch (const TrialFailed&) {
    abandon(trial);  // else it would run beside the others and disturb them
    throw;
  } catch (...) {
    trial.process.kill();
    throw;
  }
  trial.completed = trial.auditor.collect(trial.ledger, [](const LedgerRecord&) {});
  const std::string objection =
      objection_to_rests(trial.order.cell, trial.auditor.open(), trial.ledger);
  if (!objection.empty()) {
    abandon(trial);
    throw TrialFailed(objection);
  }
  trial.counters = trial.tree.read();
  return trial;
}

// Starts the process. The backend watches the trial before it can ask anything.
RunningTrial& Stage::launch(const Participant& participant, TrialOrder order,
                            std::size_t ledger_queries) {
  Ledger ledger = Ledger::create(ledger_queries);
  order.participant = participant.name;
  order.number = next_number();
  order.endpoint = backend_->endpoint(order.cell.transport);
  order.ledger_fd = ledger.fd();
  std::unique_ptr<Timetable> timetable;
  if (order.cell.is_open_loop() || workload_named(order.cell.workload).rests_between_turns)
    timetable =
        std::make_unique<Timetable>(Timetable::create(ledger_queries, order.cell.in_flight));
  std::vector<int> inherited = {ledger.fd()};
  if (timetable) inherited.push_back(order.timetable_fd = timetable->fd());
  ask_backend([&] {
    conductor_->watch(order.number,
                      {.in_flight = participant.in_flight_when_held(order.cell),
                       .idle_connections = order.cell.idle,
                       .fewest_in_flight = order.cell.fewest_in_flight(),
                       .times_cycles = !participant.keeps_ledger() || options_.times_cycles,
                       .by_id = order.cell.fan_out > 1 || order.cell.deadline_us > 0,
                       .loses_queries = order.cell.deadline_us > 0,
                       .timetable = timetable.get()});
  });
  TrialCommand command = participant.command(order);
  Process process({.arguments = std::move(command.arguments),
                   .cpus = options_.placement.client_cpus,
                   .inherited = std::move(inherited),
                   .padding_bytes = options_.padding_bytes,
                   .program = std::move(command.program),
                   .end_signal = command.end_signal});
  trials_.push_back(std::make_unique<RunningTrial>(participant, std::move(order), std::move(ledger),
                                                   std::move(timetable), std::move(process)));
  return *trials_.back();
}

// When the backend does not do what it is asked since it has ended, that is the reason. Its
// connections may be closed a little before its end can be seen.
void Stage::ask_backend(const std::function<void()>& request) try {
  request();
} catch (const WorkUnknown& error) {
  throw TrialFailed(error.what());
} catch (const std::exception& error) {
  if (const auto status = backend_->ended(now_ns() + ns_per_s))
    throw BackendFailed("the backend " + describe_exit(*status));
  throw BackendFailed(error.what());
}

Turn Stage::take_turn(TrialHandle& handle, std::uint64_t queries, Latency* latency) {
  RunningTrial& trial = running(handle);
  return naming_the_culprit([&] {
    Deadline deadline(turn_grace_ns(options_.deadline_ns) +
                      turn_limit_ns(trial.order, trial.in_flight_when_held, queries));
    const std::int64_t held_cpu_ns = read_at_opening(trial);
    trial.ledger.let_through(queries);
    ask_backend([&] { conductor_->open(trial.order.number, queries); });
    const control::Report report = await_held(trial, deadline);
    Turn turn = !trial.participant->keeps_ledger()
                    ? account_by_backend(trial, report, queries, latency)
                : trial.timetable ? account_with_rests(trial, report, queries, latency)
                                  : account(trial, report, queries, latency);
    turn.held_cpu_us = static_cast<double>(held_cpu_ns) / ns_per_us;
    turn.harness_stopped = deadline.stopped_ns() > 0;
    return turn;
  });
}

// A runtime may have threads that work while all its connections wait. What they use is not the
// turn's. Returns the CPU time that the trial has used since it was held.
std::int64_t Stage::read_at_opening(RunningTrial& trial) {
  const Counters when_held = std::exchange(trial.counters, trial.tree.read());
  return trial.counters.cpu_ns - when_held.cpu_ns;
}

// Waits for the trial to be held, and then to be asleep: the last request has left it, and what it
// still has to do belongs to this turn.
control::Report Stage::await_held(RunningTrial& trial, Deadline& deadline) {
  while (true) {
    const std::optional<control::Report> report = await_report(trial, deadline);
    if (!report || report->trial != trial.order.number) continue;
    if (report->kind == control::ReportKind::overflow)
      throw TrialFailed(fmt::format("{} were in flight at once, where {} can have {}",
                                    queries_when_held(trial, report->in_flight),
                                    trial.participant->name, trial.in_flight_when_held),
                        static_cast<std::uint32_t>(report->peak));
    if (report->kind == control::ReportKind::offence)
      throw TrialFailed(std::string(describe(report->offence)));
    if (report->kind != control::ReportKind::held) continue;
    while (!wait_until_asleep(trial.process.pid(), now_ns() + glance_ns)) {
      if (interrupted()) throw Interrupted{};
      if (deadline.has_passed())
        throw TrialFailed("it did not go to sleep while its replies were withheld");
    }
    check_alive(trial);
    return *report;
  }
}

// The next report, or none after a glance at everything else that may happen.
std::optional<control::Report> Stage::await_report(RunningTrial& trial, Deadline& deadline) {
  pollfd sources[] = {{.fd = conductor_->fd(), .events = POLLIN, .revents = 0},
                      {.fd = trial.process.exit_fd(), .events = POLLIN, .revents = 0},
                      {.fd = backend_->exit_fd(), .events = POLLIN, .revents = 0},
                      {.fd = interrupt_fd(), .events = POLLIN, .revents = 0}};
  poll(sources, std::size(sources), static_cast<int>(conductor_->glance_ns() / ns_per_ms));
  if (interrupted()) throw Interrupted{};
  const bool has_passed = deadline.has_passed();
  std::optional<control::Report> report;
  ask_backend([&] { report = conductor_->next_report(); });
  if (report) return report;
  check_alive(trial);
  if (has_passed) fail_late(trial);
  return std::nullopt;
}

void Stage::check_alive(RunningTrial& trial) {
  if (const auto status = backend_->ended())
    throw BackendFailed("the backend " + describe_exit(*status));
  const std::optional<int> status = trial.process.wait(0);
  if (!status && !trial.ledger.failed()) return;
  if (!trial.participant->keeps_ledger()) blame_offence(trial);
  if (trial.ledger.failed()) throw TrialFailed(trial.ledger.failure());
  throw TrialFailed("its process " + describe_exit(*status));
}

// A guest that has ended may have done so because the backend dropped a connection. Which of the
// two is heard of first is left to chance, so the backend is asked.
void Stage::blame_offence(const RunningTrial& trial) {
  control::Report report;
  ask_backend([&] { report = conductor_->statistics(trial.order.number); });
  if (report.offence != Offence::none) throw TrialFailed(std::string(describe(report.offence)));
}

// Says what the backend sees of a trial that did not get where it should be in time.
void Stage::fail_late(RunningTrial& trial) {
  control::Report report;
  ask_backend([&] { report = conductor_->statistics(trial.order.number); });
  if (report.idle_connections < trial.order.cell.idle)
    throw TrialFailed(fmt::format("only {} of {} idle connections were open at the deadline",
                                  report.idle_connections, trial.order.cell.idle));
  throw TrialFailed(fmt::format("{} of {} in flight at the deadline", report.in_flight,
                                queries_when_held(trial, trial.in_flight_when_held)),
                    static_cast<std::uint32_t>(report.peak));
}

Histogram Stage::cycles_ns(TrialHandle& handle) {
  const RunningTrial& trial = running(handle);
  Histogram cycles_ns;
  ask_backend([&] { cycles_ns = conductor_->cycles_ns(trial.order.number); });
  return cycles_ns;
}

void Stage::finish(TrialHandle& handle) {
  RunningTrial& trial = running(handle);
  naming_the_culprit([&] { end(trial); });
}

void Stage::end(RunningTrial& trial) {
  const Cell& cell = trial.order.cell;
  const std::string crowd = too_many_connections(trial.process.pid(), *trial.participant, cell);
  trial.ledger.request_stop();
  ask_backend([&] {
    if (trial.participant->keeps_ledger())
      conductor_->release(trial.order.number);
    else
      conductor_->hang_up(trial.order.number);
  });
  Deadline deadline(options_.deadline_ns);
  std::optional<int> status;
  while (!status && !deadline.has_passed()) status = trial.process.wait(now_ns() + glance_ns);
  if (trial.ledger.failed()) throw TrialFailed(trial.ledger.failure());
  if (!status) {
    abandon(trial);
    throw TrialFailed("it did not end when its conversations were done");
  }
  if (*status != 0) throw TrialFailed("its process " + describe_exit(*status));
  trial.completed += trial.auditor.collect(trial.ledger, [](const LedgerRecord&) {});
  if (!trial.auditor.open().empty())
    throw TrialFailed(fmt::format("{} queries were never answered", trial.auditor.open().size()));
  if (!crowd.empty()) throw TrialFailed(crowd);
  const std::string unfair =
      clients_left_out(*trial.participant, cell, trial.auditor, trial.completed);
  if (!unfair.empty()) throw TrialFailed(unfair);
  std::uint64_t carried_out = 0;
  ask_backend([&] { carried_out = conductor_->work_of(trial.order.number, trial.credited); });
  if (carried_out != trial.credited)
    throw TrialFailed(
        fmt::format("it was credited with {} queries, and the server has carried out {}",
                    trial.credited, carried_out));
}

// Its queries are not missed: the backend no longer holds or reports them.
void Stage::abandon(TrialHandle& handle) {
  RunningTrial& trial = running(handle);
  trial.process.kill();
  ask_backend([&] { conductor_->dismiss(trial.order.number); });
}

}  // namespace waitbench
