// What a user asks of an open loop: the options that go together, and those that do not.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/commands/commands.hpp"
#include "harness/run/plan.hpp"

namespace waitbench {
namespace {

constexpr std::string_view sweep_word = "sweep";

double rate_of(const std::string& word) {
  double rate_qps = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, rate_qps);
  if (error != std::errc() || rest != end || !(rate_qps > 0) || rate_qps > most_turn_queries)
    throw UsageError(fmt::format(
        "--rate: '{}' is not a rate; give queries per second, above 0 and at most {}, or {}", word,
        most_turn_queries, sweep_word));
  return rate_qps;
}

void refuse_orphans(const RunOptions& options) {
  const auto refuse = [](bool given, const char* name, const char* what) {
    if (given) throw UsageError(fmt::format("{} is {}; give --rate too", name, what));
  };
  refuse(!values_of(options.axes, &Cell::arrivals).empty(), "--arrivals",
         "how the queries of an open loop arrive");
  refuse(options.seconds > 0, "--seconds", "the length of an open loop's turn");
  refuse(options.p99_us > 0, "--p99-us", "the limit of --rate sweep");
}

void check_fit(const OpenLoop& loop) {
  for (const double rate_qps : loop.rate_qps)
    if (arrivals_within(rate_qps, loop.seconds) > most_turn_queries)
      throw UsageError(fmt::format(
          "--rate {} for {} s are more than the {} queries that a turn may have: lower --rate, or "
          "--seconds",
          rate_qps, loop.seconds, most_turn_queries));
}

}  // namespace

OpenLoop open_loop_of(const RunOptions& options) {
  if (options.rates.empty()) {
    refuse_orphans(options);
    return {};
  }
  if (options.seam)
    throw UsageError(
        "--seam: handwritten counterparts are written for a closed loop; leave --rate out");
  if (options.memory || !options.count.empty())
    throw UsageError("--memory and --count are for a closed loop; leave --rate out");
  if (options.turn_queries > 0)
    throw UsageError("--turn-queries: a turn of an open loop has --seconds instead");
  OpenLoop loop;
  if (options.seconds > 0) loop.seconds = options.seconds;
  loop.p99_limit_us = options.p99_us;
  const bool sweeps = std::ranges::count(options.rates, sweep_word) > 0;
  if (sweeps && options.rates.size() > 1)
    throw UsageError("--rate: sweep tries rates of its own; give either it or rates");
  if (sweeps && options.p99_us == 0)
    throw UsageError("--rate sweep needs --p99-us: the p99 latency that is still acceptable");
  if (!sweeps && options.p99_us > 0)
    throw UsageError("--p99-us is the limit of --rate sweep; other rates have none");
  if (sweeps)
    loop.rate_qps = {1};  // a place holder: each trial has a rate of its own
  else
    for (const std::string& word : options.rates) loop.rate_qps.push_back(rate_of(word));
  check_fit(loop);
  return loop;
}

}  // namespace waitbench
