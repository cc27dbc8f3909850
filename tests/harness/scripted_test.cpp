// Scripted trials: the workload without a kernel, the same in every run.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "harness/machine/tree_events.hpp"
#include "harness/trial/scripted/engine.hpp"
#include "harness/trial/scripted/trial.hpp"

namespace waitbench {
namespace {

constexpr std::uint64_t queries = 500;

ScriptedOrder order_for(const Participant& participant, std::size_t depth = 1) {
  return {std::string(participant.name),
          {.in_flight = 8, .delay_us = 0, .reply_bytes = 100, .depth = depth},
          queries};
}

class ScriptedTrial : public testing::TestWithParam<const Participant*> {};

TEST_P(ScriptedTrial, AnswersEveryQueryOnce) {
  for (const std::size_t depth : {1, 5}) {
    const Ledger ledger = run_scripted(order_for(*GetParam(), depth));
    ASSERT_EQ(ledger.next_id() - 1, queries + 8 - 1);
    for (std::uint64_t id = 1; id < ledger.next_id(); ++id)
      ASSERT_EQ(ledger.record(id).answers, 1U) << id;
  }
}

TEST_P(ScriptedTrial, IsTheSameEveryTime) {
  const auto clients_in_turn = [](const Ledger& ledger) {
    std::vector<std::uint32_t> clients;
    for (std::uint64_t id = 1; id < ledger.next_id(); ++id)
      clients.push_back(ledger.record(id).client);
    return clients;
  };
  EXPECT_EQ(clients_in_turn(run_scripted(order_for(*GetParam()))),
            clients_in_turn(run_scripted(order_for(*GetParam()))));
}

TEST_P(ScriptedTrial, MakesNoMoreSystemCallsForMoreQueries) {
  if (const std::string reason = objection_to(Event::syscalls); !reason.empty())
    GTEST_SKIP() << reason;
  const auto syscalls_of = [](const ScriptedOrder& order) {
    constexpr Event wanted[] = {Event::syscalls};
    const TreeEvents events(getpid(), wanted);
    run_scripted(order);
    return events.read(Event::syscalls);
  };
  const ScriptedOrder few = order_for(*GetParam());
  ScriptedOrder many = few;
  many.queries *= 10;
  syscalls_of(few);  // memory that the first run asks for is there for those that follow
  EXPECT_LT(syscalls_of(many), syscalls_of(few) + queries);
}

std::vector<const Participant*> participants() {
  std::vector<const Participant*> list;
  for (const Participant& participant : scripted_participants()) list.push_back(&participant);
  return list;
}

INSTANTIATE_TEST_SUITE_P(Of, ScriptedTrial, testing::ValuesIn(participants()),
                         [](const auto& info) {
                           std::string name(info.param->name);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(ScriptedTrials, AreOneForEachStyleAndOneForTheHarnessAlone) {
  std::vector<std::string_view> styles;
  for (const Participant& participant : scripted_participants()) {
    EXPECT_EQ(participant.engine, "scripted");
    styles.push_back(participant.style);
  }
  EXPECT_EQ(styles,
            (std::vector<std::string_view>{"", "callback", "generator", "coroutine", "fiber"}));
}

TEST(ScriptedTrials, RefuseRepliesThatDoNotFit) {
  for (const Participant& participant : scripted_participants())
    EXPECT_FALSE(participant.eligible({.reply_bytes = 1 << 20})) << participant.name;
}

TEST(ScriptedOrders, TravelAsText) {
  const ScriptedOrder order = {"fiber-scripted", {.in_flight = 3, .depth = 2}, 77};
  const ScriptedOrder read = scripted_order_from(to_text(order));
  EXPECT_EQ(read.participant, order.participant);
  EXPECT_EQ(read.cell, order.cell);
  EXPECT_EQ(read.queries, order.queries);
}

TEST(ScriptedOrders, OfAnUnknownEntrantAreRefused) {
  EXPECT_THROW(run_scripted({"callback-epoll", {}, 100}), std::runtime_error);
}

}  // namespace
}  // namespace waitbench
