#include "harness/switch/rounds.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>

#include "harness/os/interrupt.hpp"
#include "harness/os/process.hpp"
#include "harness/os/random.hpp"
#include "harness/results/numbers.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench::micro {
namespace {

// Reads until the other end is closed, which is when its process ends at the latest. Throws
// Interrupted; empty when the deadline has passed.
std::optional<std::string> read_until_end(int fd, std::int64_t deadline_ns) {
  std::string text;
  while (true) {
    pollfd sources[] = {{.fd = fd, .events = POLLIN, .revents = 0},
                        {.fd = interrupt_fd(), .events = POLLIN, .revents = 0}};
    const std::int64_t rest_ms = (deadline_ns - now_ns()) / ns_per_ms;
    if (rest_ms <= 0) return std::nullopt;
    poll(sources, std::size(sources), static_cast<int>(std::min<std::int64_t>(rest_ms, 1000)));
    if (interrupted()) throw Interrupted{};
    if (sources[0].revents == 0) continue;
    std::array<char, 4096> room;
    const ssize_t got = ::read(fd, room.data(), room.size());
    if (got <= 0) return text;
    text.append(room.data(), static_cast<std::size_t>(got));
  }
}

// Of the turn's process, whose last word may be missing.
TurnResult result_of(const std::optional<std::string>& text, Process& process,
                     std::int64_t deadline_ns, double limit_s) {
  if (!text) return {.error = fmt::format("its turn did not end within {} s", limit_s)};
  const std::optional<int> status = process.wait(deadline_ns);
  if (!status) return {.error = fmt::format("its process did not end within {} s", limit_s)};
  if (*status != 0 || text->empty()) return {.error = "its process " + describe_exit(*status)};
  return result_from(*text);
}

// CPU time of this process, and of all that it has waited for, with what these have waited for.
double own_cpu_s() {
  double sum = 0;
  for (const int whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    getrusage(whose, &used);
    for (const timeval& time : {used.ru_utime, used.ru_stime})
      sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  }
  return sum;
}

}  // namespace

double Measured::gross_ns(std::size_t round) const {
  const TurnResult& turn = turns[round];
  return turn.real_s * 1e9 / static_cast<double>(turn.iterations);
}

std::optional<double> Measured::bytes_per_task() const {
  std::vector<double> known;
  for (const TurnResult& turn : turns)
    if (turn.bytes_per_task) known.push_back(*turn.bytes_per_task);
  if (known.empty()) return std::nullopt;
  return median(std::move(known));
}

Rounds::Rounds(std::span<const Benchmark* const> benchmarks, const RoundsOptions& options)
    : options_(options) {
  for (const Benchmark* benchmark : benchmarks) {
    Measured measured{.benchmark = benchmark, .reason = benchmark->unavailable()};
    if (options.one_core && benchmark->axes.where == Where::cross_cpu)
      measured.reason = "there is but one core to run on";
    if (!measured.reason.empty()) measured.status = Status::skipped;
    measured_.push_back(std::move(measured));
    iterations_.push_back(benchmark->iterations);
  }
}

void Rounds::play(const std::function<void(std::size_t round)>& after_round) {
  Random random(options_.seed);
  std::vector<std::size_t> order(measured_.size());
  std::iota(order.begin(), order.end(), 0);
  try {
    warm_up();
    after_round(0);
    InterferenceMonitor monitor;
    for (std::size_t round = 1; round <= options_.rounds; ++round) {
      random.shuffle(std::span(order));
      play_round(order, monitor);
      after_round(round);
    }
  } catch (const Interrupted&) {
    mark_interrupted();
  }
}

void Rounds::warm_up() {
  for (std::size_t i = 0; i < measured_.size(); ++i) {
    Measured& measured = measured_[i];
    if (measured.status != Status::ok) continue;
    const TurnResult turn = take_turn(measured, iterations_[i]);
    iterations_[i] = turn.iterations;
    if (turn.error.empty()) continue;
    measured.status = Status::failed;
    measured.reason = turn.error;
  }
}

void Rounds::play_round(std::span<const std::size_t> order, InterferenceMonitor& monitor) {
  std::vector<TurnResult> turns(measured_.size());
  const double own_before_s = own_cpu_s();
  for (const std::size_t i : order)
    if (measured_[i].status == Status::ok) turns[i] = take_turn(measured_[i], iterations_[i]);
  const Interference during = monitor.lap(own_cpu_s() - own_before_s);
  for (std::size_t place = 0; place < order.size(); ++place) {
    Measured& measured = measured_[order[place]];
    TurnResult& turn = turns[order[place]];
    if (measured.status != Status::ok) continue;
    if (turn.error.empty()) {
      measured.order.push_back(place);
      measured.turns.push_back(std::move(turn));
      measured.interference.push_back(during);
    } else {
      measured.status = Status::failed;
      measured.reason = turn.error;
      measured.order.clear();  // a benchmark that goes wrong once is not to be believed before
      measured.turns.clear();
      measured.interference.clear();
    }
  }
}

void Rounds::mark_interrupted() {
  for (Measured& measured : measured_) {
    if (measured.status != Status::ok) continue;
    measured.interrupted = true;
    if (!measured.turns.empty()) continue;
    measured.status = Status::skipped;
    measured.reason = "interrupted before the first round was complete";
  }
}

TurnResult Rounds::take_turn(const Measured& measured, std::uint64_t iterations) const {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  const Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  const std::int64_t deadline_ns = now_ns() + options_.deadline_ns;
  const TurnOrder order{.benchmark = name_of(*measured.benchmark),
                        .iterations = iterations,
                        .min_time_s = options_.min_time_s,
                        .cpus = options_.cpus,
                        .result_fd = theirs.get()};
  Process process({.arguments = {"turn", to_text(order)},
                   .cpus = {options_.cpus.first},
                   .inherited = {theirs.get()}});
  theirs.reset();
  const auto text = read_until_end(ours.get(), deadline_ns);
  return result_of(text, process, deadline_ns,
                   static_cast<double>(options_.deadline_ns) / ns_per_s);
}

}  // namespace waitbench::micro
