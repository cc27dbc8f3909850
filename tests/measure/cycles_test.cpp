// The latency of a guest is what the backend sees of it, from one reply to the next on a
// connection. Of models the ledger has what their clients saw: here both are looked at for the same
// turns.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/stage/stage.hpp"
#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

class Cycles : public testing::TestWithParam<const char*> {};

TEST_P(Cycles, AgreeWithTheLatenciesOfTheLedger) {
  constexpr std::size_t turns = 5, queries = 4000;
  Stage stage({.placement = plan_placement(available_cpus()),
               .deadline_ns = 30 * ns_per_s,
               .times_cycles = true});
  TrialOrder order;
  order.cell = {.in_flight = 64, .delay_us = 6400};
  order.seed = 1;
  TrialHandle& trial = stage.start(participant_named(GetParam()), order, 3 * queries);
  Latency ledger;
  Histogram cycles_ns;
  for (std::size_t turn = 0; turn < turns; ++turn) {
    stage.take_turn(trial, queries, &ledger);
    cycles_ns.add(stage.cycles_ns(trial));
  }
  stage.finish(trial);

  const Histogram& latency_ns = ledger.uncorrected_ns;
  EXPECT_EQ(cycles_ns.total(), latency_ns.total());
  const auto compare = [](const char* what, double cycle_ns, double latency_ns, double tolerance) {
    fmt::print("{}: {:.0f} us by the backend, {:.0f} us by the ledger\n", what, cycle_ns / 1000,
               latency_ns / 1000);
    EXPECT_NEAR(cycle_ns / latency_ns, 1, tolerance) << what;
  };
  compare("mean", cycles_ns.mean(), latency_ns.mean(), 0.025);
  compare("p50", cycles_ns.percentile(0.5), latency_ns.percentile(0.5), 0.025);
  compare("p99", cycles_ns.percentile(0.99), latency_ns.percentile(0.99), 0.05);
}

INSTANTIATE_TEST_SUITE_P(Models, Cycles,
                         testing::Values("callback-epoll", "coroutine-libuv",
                                         "thread-per-connection"));

}  // namespace
}  // namespace waitbench
