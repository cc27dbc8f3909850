// What the backend takes for a query, beside the least that any server would.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "harness/machine/idle_inhibitor.hpp"
#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"
#include "tests/measure/bare_server.hpp"

namespace waitbench {
namespace {

constexpr int rounds = 100;
constexpr std::uint64_t queries = 5'000;  // of a turn: some 30 ms

// At most so many times the CPU time of the bare server. An epoll wait, the payload, the stamps and
// the gate weigh more beside a Unix socket, whose recv and send take less than half of TCP's.
double most_over(Transport transport) {
  return transport == Transport::tcp ? 1.2 : 1.35;
}

class BackendBeside : public testing::TestWithParam<Transport> {
 protected:
  static double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
  }
};

// The machine's speed wanders, so only turns of one round are compared.
TEST_P(BackendBeside, TakesForAQueryAtMostSoManyTimesWhatRecvAndSendDo) {
  const Placement placement = plan_placement(available_cpus());
  const IdleInhibitor idle_inhibitor(cpus_to_keep_awake(placement, std::nullopt));
  TrialOrder order;
  order.cell = {.transport = GetParam(), .in_flight = 64, .delay_us = 0};
  order.seed = 1;
  BareServer bare(order.cell, placement);
  Stage stage({.placement = placement, .deadline_ns = 30 * ns_per_s});
  RunningTrial& trial =
      stage.start(participant_named("callback-epoll"), order, 2 * rounds * queries);
  std::vector<double> ratios, floors, costs, client_costs;
  for (int round = 0; round < rounds; ++round) {
    const Turn turn = stage.take_turn(trial, queries, nullptr);
    floors.push_back(bare.cpu_us_per_query(queries));
    costs.push_back(turn.backend_cpu_us_per_query);
    client_costs.push_back(turn.client_cpu_us_per_query);
    ratios.push_back(costs.back() / floors.back());
  }
  stage.finish(trial);
  std::ranges::sort(ratios);
  RecordProperty("bare_cpu_us_per_query", std::to_string(median(floors)));
  RecordProperty("backend_cpu_us_per_query", std::to_string(median(costs)));
  RecordProperty("client_cpu_us_per_query", std::to_string(median(client_costs)));
  RecordProperty("lower_quartile", std::to_string(ratios[rounds / 4]));
  RecordProperty("median", std::to_string(median(ratios)));
  RecordProperty("upper_quartile", std::to_string(ratios[rounds * 3 / 4]));
  EXPECT_LE(median(ratios), most_over(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(ABareServer, BackendBeside,
                         testing::Values(Transport::tcp, Transport::unix), [](const auto& info) {
                           return std::string(info.param == Transport::tcp ? "tcp" : "unix");
                         });

}  // namespace
}  // namespace waitbench
