#include "harness/stage/stage.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <utility>

#include "harness/backend/endpoint.hpp"
#include "harness/os/interrupt.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// How often a waiting harness looks at the ledger.
constexpr std::int64_t glance_ns = 20 * ns_per_ms;

// How long a trial that is held may take to go to sleep, also where the deadline has passed because
// the harness itself was stopped (Ctrl-Z).
constexpr std::int64_t settling_ns = ns_per_s;

// The harness stays off the clients' CPUs.
Backend find_backend(const StageOptions& options) try {
  if (!options.placement.backend.empty()) return Backend(options.placement.backend);
  return Backend(options.workload, options.placement.backend_cpus, now_ns() + options.deadline_ns);
} catch (const std::exception& error) {
  throw BackendFailed(error.what());
}

GateClient connect_gate_client(const Backend& backend, std::int64_t deadline_ns) try {
  return GateClient(backend::parse_endpoint(backend.endpoint()), deadline_ns);
} catch (const std::exception& error) {
  throw BackendFailed(error.what());
}

// By which a backend knows a trial. One elsewhere may still see those of an earlier stage, or of an
// earlier run: so numbers are not used again, and every process has its own first.
std::uint16_t next_number() {
  static std::atomic<std::uint32_t> given = static_cast<std::uint32_t>(getpid());
  constexpr std::uint32_t numbers = 0xffff;  // and 0, which is no trial
  return static_cast<std::uint16_t>(1 + given++ % numbers);
}

}  // namespace

Stage::Stage(const StageOptions& options)
    : options_(options),
      backend_(find_backend(options)),
      gate_client_(connect_gate_client(backend_, options.deadline_ns)) {}

Stage::~Stage() = default;

RunningTrial& Stage::start(const Participant& participant, TrialOrder order,
                           std::size_t ledger_queries) {
  Ledger ledger = Ledger::create(ledger_queries);
  order.participant = participant.name;
  order.number = next_number();
  order.endpoint = backend_.endpoint(order.cell.transport);
  order.ledger_fd = ledger.fd();
  std::optional<Timetable> timetable;
  if (order.cell.is_open_loop()) timetable.emplace(Timetable::create(ledger_queries));
  std::vector<int> inherited = {ledger.fd()};
  if (timetable) inherited.push_back(order.timetable_fd = timetable->fd());
  const std::size_t max_in_flight = participant.max_in_flight(order.cell);
  try {
    gate_client_.watch(order.number, max_in_flight, order.cell.idle);
  } catch (const std::exception& error) {
    throw BackendFailed(error.what());
  }
  TrialCommand command = participant.command(order);
  Process process({.arguments = std::move(command.arguments),
                   .cpus = options_.placement.client_cpus,
                   .inherited = std::move(inherited),
                   .padding_bytes = options_.padding_bytes,
                   .program = std::move(command.program)});
  trials_.push_back(std::make_unique<RunningTrial>(participant, std::move(order), std::move(ledger),
                                                   std::move(timetable), std::move(process)));
  RunningTrial& trial = *trials_.back();
  try {
    await_held(trial, now_ns() + options_.deadline_ns);
  } catch (...) {
    abandon(trial);  // else it would run beside the others and disturb them
    throw;
  }
  trial.completed = trial.auditor.collect(trial.ledger, [](const LedgerRecord&) {});
  trial.counters = trial.tree.read();
  return trial;
}

Turn Stage::take_turn(TrialHandle& handle, std::uint64_t queries, Latency* latency) {
  RunningTrial& trial = running(handle);
  give_order(trial, [&] { gate_client_.open(trial.order.number, queries); });
  const control::Report report =
      await_held(trial, now_ns() + turn_limit_ns(trial.order, trial.max_in_flight, queries));
  return account(trial, report, queries, latency);
}

// When an order does not reach the backend, the trial may be the cause of it.
void Stage::give_order(RunningTrial& trial, const std::function<void()>& order) try {
  order();
} catch (const std::exception& error) {
  check_alive(trial);
  throw BackendFailed(error.what());
}

// Waits for the trial to be held, and then to be asleep: the last request has left it, and what it
// still has to do belongs to this turn.
control::Report Stage::await_held(RunningTrial& trial, std::int64_t deadline_ns) {
  while (true) {
    await_report(trial, deadline_ns);
    std::optional<control::Report> report;
    try {
      report = gate_client_.next_report();
    } catch (const std::exception& error) {
      check_alive(trial);
      throw BackendFailed(error.what());
    }
    if (!report || report->trial != trial.order.number) continue;
    if (report->kind == control::ReportKind::overflow)
      throw TrialFailed(
          fmt::format("{} queries were in flight at once, where {} can have {}", report->in_flight,
                      trial.participant->name, trial.max_in_flight),
          static_cast<std::uint32_t>(report->peak));
    if (report->kind != control::ReportKind::held) continue;
    if (!wait_until_asleep(trial.process.pid(), std::max(deadline_ns, now_ns() + settling_ns)))
      throw TrialFailed("it did not go to sleep while its replies were withheld");
    check_alive(trial);
    return *report;
  }
}

// Returns when the gate client may have a report.
void Stage::await_report(RunningTrial& trial, std::int64_t deadline_ns) {
  while (true) {
    // There is one look after the deadline, which may have passed while the harness was stopped.
    const bool is_late = now_ns() >= deadline_ns;
    pollfd sources[] = {{.fd = gate_client_.fd(), .events = POLLIN, .revents = 0},
                        {.fd = trial.process.exit_fd(), .events = POLLIN, .revents = 0},
                        {.fd = backend_.exit_fd(), .events = POLLIN, .revents = 0},
                        {.fd = interrupt_fd(), .events = POLLIN, .revents = 0}};
    poll(sources, std::size(sources), static_cast<int>(glance_ns / ns_per_ms));
    if (interrupted()) throw Interrupted{};
    if (sources[0].revents & POLLIN) return;
    check_alive(trial);
    if (is_late) fail_late(trial);
  }
}

void Stage::check_alive(RunningTrial& trial) {
  const auto check_backend = [this] {
    if (const auto status = backend_.ended())
      throw BackendFailed("the backend " + describe_exit(*status));
  };
  check_backend();
  const auto status = trial.process.wait(0);
  if (!trial.ledger.failed() && !status) return;
  // The connections of a backend that ends are closed before anybody can see that it has ended. So
  // a trial is often the first to fail, and is not to blame unless the backend still answers.
  try {
    gate_client_.statistics(trial.order.number);
  } catch (const std::exception& error) {
    pollfd ended{.fd = backend_.exit_fd(), .events = POLLIN, .revents = 0};
    constexpr int patience_ms = 1000;
    if (ended.fd >= 0) poll(&ended, 1, patience_ms);
    check_backend();
    throw BackendFailed(error.what());
  }
  if (trial.ledger.failed()) throw TrialFailed(trial.ledger.failure());
  throw TrialFailed("its process " + describe_exit(*status));
}

// Says what the backend sees of a trial that did not get where it should be in time.
void Stage::fail_late(RunningTrial& trial) {
  control::Report report;
  give_order(trial, [&] { report = gate_client_.statistics(trial.order.number); });
  if (report.idle_connections < trial.order.cell.idle)
    throw TrialFailed(fmt::format("only {} of {} idle connections were open at the deadline",
                                  report.idle_connections, trial.order.cell.idle));
  throw TrialFailed(fmt::format("{} of {} queries in flight at the deadline", report.in_flight,
                                trial.max_in_flight),
                    static_cast<std::uint32_t>(report.peak));
}

Turn Stage::account(RunningTrial& trial, const control::Report& report, std::uint64_t queries,
                    Latency* latency) {
  InFlight in_flight(report.opened_ns, report.exhausted_ns);
  const std::size_t completed =
      trial.auditor.collect(trial.ledger, [&](const LedgerRecord& record) {
        in_flight.add(record.start_ns, record.end_ns);
        // One that was begun before the turn opened has waited at the gate.
        if (latency != nullptr && record.start_ns >= report.opened_ns) latency->add(record);
      });
  for (const std::uint64_t id : trial.auditor.open())
    in_flight.add(trial.ledger.record(id).start_ns, 0);
  const std::uint64_t answered = report.answered - std::exchange(trial.answered, report.answered);
  trial.completed += completed;
  if (answered != queries || (trial.order.batch == 1 && completed != queries))
    throw TrialFailed(
        fmt::format("{} queries were let through, the backend answered {}, and the "
                    "ledger has {}",
                    queries, answered, completed));
  if (trial.ledger.failed()) throw TrialFailed(trial.ledger.failure());

  const auto arrived =
      static_cast<double>(queries - std::min<std::uint64_t>(queries, trial.max_in_flight));
  Turn turn = account_costs(trial, report, completed, answered);
  turn.queries = completed;
  turn.wall_s = static_cast<double>(report.held_ns - report.opened_ns) / ns_per_s;
  turn.queries_per_second =
      arrived * ns_per_s / static_cast<double>(report.exhausted_ns - report.opened_ns);
  turn.in_flight_mean = in_flight.mean();
  return turn;
}

// What the turn has cost, for each query that the ledger has as completed; a no-op completes more
// than the backend answered.
Turn Stage::account_costs(RunningTrial& trial, const control::Report& report,
                          std::uint64_t completed, std::uint64_t answered) {
  const auto per_query = [completed](auto sum) {
    return static_cast<double>(sum) / static_cast<double>(completed);
  };
  const Counters before = std::exchange(trial.counters, trial.tree.read());
  const Counters& after = trial.counters;
  Turn turn;
  turn.client_cpu_us_per_query = per_query(after.cpu_ns - before.cpu_ns) / ns_per_us;
  turn.backend_cpu_us_per_query = per_query(report.cpu_held_ns - report.cpu_opened_ns) / ns_per_us;
  turn.switches_voluntary_per_query =
      per_query(after.switches_voluntary - before.switches_voluntary);
  turn.switches_involuntary_per_query =
      per_query(after.switches_involuntary - before.switches_involuntary);
  turn.in_flight_peak_backend = static_cast<std::uint32_t>(report.peak);
  turn.delay_error_mean_us =
      static_cast<double>(report.delay_error_sum_ns) / static_cast<double>(answered) / ns_per_us;
  turn.delay_error_max_us = static_cast<double>(report.delay_error_max_ns) / ns_per_us;
  return turn;
}

void Stage::finish(TrialHandle& handle) {
  RunningTrial& trial = running(handle);
  trial.ledger.request_stop();
  try {
    gate_client_.release(trial.order.number);
  } catch (const std::exception& error) {
    throw BackendFailed(error.what());
  }
  const auto status = trial.process.wait(now_ns() + options_.deadline_ns);
  if (trial.ledger.failed()) throw TrialFailed(trial.ledger.failure());
  if (!status) {
    abandon(trial);
    throw TrialFailed("it did not end when its conversations were done");
  }
  if (*status != 0) throw TrialFailed("its process " + describe_exit(*status));
  trial.completed += trial.auditor.collect(trial.ledger, [](const LedgerRecord&) {});
  if (!trial.auditor.open().empty())
    throw TrialFailed(fmt::format("{} queries were never answered", trial.auditor.open().size()));
}

void Stage::abandon(TrialHandle& handle) {
  running(handle).process.kill();
}

}  // namespace waitbench
