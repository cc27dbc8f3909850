// What `waitbench run` makes of its options, before it measures anything.
#include "harness/commands/run_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "impls/executor.hpp"

namespace waitbench {
namespace {

class RunPlanOf : public testing::Test {
 protected:
  RunPlan plan(const RunOptions& options) const {
    return make_plan(options, {.participants = participants_, .words = {}});
  }

  // Why the options are refused; empty when they are not.
  std::string refusal(const RunOptions& options) const {
    try {
      plan(options);
      return "";
    } catch (const UsageError& error) {
      return error.what();
    }
  }

  std::vector<Participant> participants_ = all_participants();
};

RunOptions options_for(const char* models) {
  RunOptions options;
  options.models = models;
  return options;
}

template <class T>
RunOptions given(const char* models, T Cell::*axis, std::vector<T> values) {
  RunOptions options = options_for(models);
  values_of(options.axes, axis) = std::move(values);
  return options;
}

TEST_F(RunPlanOf, OptionsWithoutASeedHasOneAtRandom) {
  EXPECT_NE(plan({}).seed, plan({}).seed);
}

TEST_F(RunPlanOf, TheSeed0HasTheSeed0) {
  RunOptions options;
  options.seed = 0;
  EXPECT_EQ(plan(options).seed, 0U);
}

TEST_F(RunPlanOf, AProfileHasItsCellsWithTheModelsEntered) {
  RunOptions options = options_for("^callback-epoll$");
  options.profile = "smoke";
  const RunPlan smoke = plan(options);
  ASSERT_EQ(smoke.cells.size(), 4U);
  EXPECT_EQ(smoke.cells[0].purpose, "matched");
  EXPECT_EQ(smoke.cells[0].turn_queries, 1000U);
  EXPECT_EQ(smoke.cells[0].rounds, 1U);
  EXPECT_EQ(smoke.cells[0].entries.size(), 5U);  // four of the baseline, and the positive control
}

TEST_F(RunPlanOf, AProfileTakesRoundsAndQueriesFromTheOptions) {
  RunOptions options;
  options.rounds = 3;
  options.invocations = 7;
  options.turn_queries = 500;
  const RunPlan quick = plan(options);
  EXPECT_EQ(quick.invocations, 7U);
  for (const CellPlan& cell : quick.cells) {
    EXPECT_EQ(cell.rounds, 3U) << cell.purpose;
    EXPECT_EQ(cell.turn_queries, 500U) << cell.purpose;
    EXPECT_EQ(cell.most_invocations, unlimited) << cell.purpose;
  }
}

TEST_F(RunPlanOf, AProfileHasItsBudgetUnlessItIsSaidHowOftenToMeasure) {
  RunOptions options;
  EXPECT_GT(plan(options).budget_s, 0);
  EXPECT_GT(plan(options).half_width, 0);
  options.invocations = 5;
  EXPECT_EQ(plan(options).budget_s, 0);
  options.budget_s = 7;
  EXPECT_EQ(plan(options).budget_s, 7);
  RunOptions rounds;
  rounds.rounds = 2;
  EXPECT_EQ(plan(rounds).budget_s, 0);
  EXPECT_EQ(plan(given("epoll", &Cell::in_flight, {8})).budget_s, 0) << "cells of one's own";
}

TEST_F(RunPlanOf, QuickHasReferenceLinesInOneCellOfThoseThatCompareModels) {
  std::size_t cells = 0;
  for (const CellPlan& cell : plan(options_for("epoll|blocking|pool")).cells)
    if (cell.lineup == Lineup::models)
      cells += std::ranges::count(cell.entries, "blocking",
                                  [](const Entry& entry) { return entry.participant->name; });
  EXPECT_EQ(cells, 1U);
  for (const CellPlan& cell : plan(options_for("^blocking$")).cells)
    EXPECT_FALSE(cell.entries.empty())
        << cell.purpose << ": alone it is whom all are compared with";
}

TEST_F(RunPlanOf, QuickHasBrokersWhereItHasReferenceLinesAndWhereMemoryIsLookedAt) {
  std::size_t timed = 0, others = 0;
  for (const CellPlan& cell : plan(options_for("epoll|broker")).cells)
    (cell.pass == Pass::rounds ? timed : others) +=
        std::ranges::count(cell.entries, "process-broker-coroutines",
                           [](const Entry& entry) { return entry.participant->name; });
  EXPECT_EQ(timed, 1U);
  EXPECT_EQ(others, 1U);
}

TEST_F(RunPlanOf, AxesHasACellForEachCombination) {
  RunOptions options = given("epoll", &Cell::in_flight, {8, 1000});
  values_of(options.axes, &Cell::delay_us) = {0, 50};
  const RunPlan custom = plan(options);
  EXPECT_EQ(custom.profile, "custom");
  ASSERT_EQ(custom.cells.size(), 4U);
  for (const CellPlan& cell : custom.cells) {
    EXPECT_EQ(cell.purpose, "custom");
    EXPECT_EQ(cell.turn_queries, default_turn_queries(cell.cell));
  }
}

TEST_F(RunPlanOf, ALimitThatCannotBeKeptIsRefused) {
  RunOptions options = given<std::size_t>("epoll", &Cell::limit, {4, 9});
  values_of(options.axes, &Cell::in_flight) = {8};
  EXPECT_EQ(refusal(options),
            "--limit 9 with --in-flight 8: 8 clients never ask more at once; use a limit of at "
            "most that");
  values_of(options.axes, &Cell::limit) = {4, 8};
  EXPECT_EQ(refusal(options), "");
  values_of(options.axes, &Cell::connections) = {Connections::pool(4)};
  EXPECT_EQ(refusal(options), "--limit: a pool is a limit already; leave --connections pool:K out");
}

TEST_F(RunPlanOf, APipelineThatCannotBeIsRefused) {
  RunOptions options = given<std::size_t>("epoll", &Cell::pipeline, {1, 8});
  EXPECT_EQ(refusal(options), "--pipeline: the workload delay has no such axis; leave it out");
  values_of(options.axes, &Cell::workload) = {"postgres"};
  EXPECT_EQ(refusal(options), "");
  values_of(options.axes, &Cell::in_flight) = {8, 12};
  EXPECT_EQ(refusal(options),
            "--pipeline 8 with --in-flight 12: each connection has 8 queries under way; give a "
            "multiple of 8");
  values_of(options.axes, &Cell::in_flight) = {8};
  for (const Connections connections : {Connections::fresh, Connections::pool(1)}) {
    values_of(options.axes, &Cell::connections) = {connections};
    EXPECT_EQ(refusal(options),
              "--pipeline: clients share connections that are kept, so many each; leave "
              "--connections out");
  }
  values_of(options.axes, &Cell::connections) = {};
  values_of(options.axes, &Cell::idle) = {1};
  EXPECT_EQ(refusal(options),
            "--pipeline: no connection is idle beside the pipelines; leave --idle out");
  values_of(options.axes, &Cell::idle) = {};
  options.memory = true;
  const std::string reason =
      "--pipeline is for timed turns of a closed loop: leave --memory and --rate out";
  EXPECT_EQ(refusal(options), reason);
  options.memory = false;
  options.rates = {"100"};
  EXPECT_EQ(refusal(options), reason);
}

TEST_F(RunPlanOf, ALimitOrALockIsRefusedWhereNoTurnsOfAClosedLoopAreTimed) {
  RunOptions options = given<LockUse>("epoll", &Cell::lock, {LockUse::shared});
  EXPECT_EQ(refusal(options), "");
  options.memory = true;
  const std::string reason =
      "--limit and --lock are for timed turns of a closed loop: leave --memory and --rate out";
  EXPECT_EQ(refusal(options), reason);
  RunOptions open = given<std::size_t>("epoll", &Cell::limit, {4});
  open.rates = {"100"};
  EXPECT_EQ(refusal(open), reason);
}

TEST_F(RunPlanOf, AKnobThatNobodyChosenHasIsRefused) {
  const std::string workers = refusal(given<std::size_t>("callback", &Cell::workers, {8}));
  EXPECT_EQ(workers,
            "--workers: none of the models chosen has any; it is for thread-pool and process-pool");
  const std::string loops = refusal(given<std::size_t>("blocking|pool", &Cell::loops, {1, 2}));
  EXPECT_TRUE(loops.starts_with("--loops: ")) << loops;
}

TEST_F(RunPlanOf, AKnobThatSomebodyChosenHasIsTaken) {
  EXPECT_EQ(refusal(given<std::size_t>("callback-epoll|thread-pool", &Cell::workers, {8})), "");
  EXPECT_EQ(refusal(given<std::size_t>("process-pool", &Cell::workers, {8})), "");
  EXPECT_EQ(refusal(given<std::size_t>("fiber-poll", &Cell::loops, {2})), "");
}

TEST_F(RunPlanOf, AKnobThatIsAsUsualIsTakenByAll) {
  EXPECT_EQ(refusal(given<std::size_t>("callback", &Cell::workers, {Cell{}.workers})), "");
}

TEST_F(RunPlanOf, WhereCallsAreMadeIsRefusedWithoutCalls) {
  EXPECT_EQ(refusal(given<Offload>("callback", &Cell::offload, {Offload::threads(4)})),
            "--offload and --callers are about calls that block: give --block-us as well");
  RunOptions options = given<Offload>("callback", &Cell::offload, {Offload::threads(4)});
  values_of(options.axes, &Cell::block_us) = {0, 1000};
  EXPECT_EQ(refusal(options), "");
  values_of(options.axes, &Cell::callers) = {65};
  EXPECT_EQ(refusal(options), "--callers 65: there are 64 clients; give at most that");
  values_of(options.axes, &Cell::callers) = {1};
  values_of(options.axes, &Cell::fan_out) = {16};
  EXPECT_TRUE(refusal(options).starts_with("--block-us: clients that ask one query at a time"));
}

TEST_F(RunPlanOf, CallsToProcessesAreOfAsManyClientsAsAPipeHasRoomFor) {
  RunOptions options = given<double>("callback", &Cell::block_us, {1000});
  values_of(options.axes, &Cell::in_flight) = {WorkerProcesses::most_callers + 1};
  values_of(options.axes, &Cell::offload) = {Offload::processes(2)};
  EXPECT_EQ(refusal(options),
            "--offload processes:2: at most 10000 clients make calls to processes; give --callers");
}

TEST_F(RunPlanOf, ADeadlineIsRefusedBesideOtherThingsToWaitFor) {
  const RunOptions alone = given<std::uint32_t>("epoll", &Cell::deadline_us, {0, 5000});
  EXPECT_EQ(refusal(alone), "");
  RunOptions gathered = alone, limited = alone, locked = alone, pooled = alone, calling = alone;
  values_of(gathered.axes, &Cell::fan_out) = {4};
  values_of(limited.axes, &Cell::limit) = {4};
  values_of(locked.axes, &Cell::lock) = {LockUse::shared};
  values_of(pooled.axes, &Cell::connections) = {Connections::pool(4)};
  values_of(calling.axes, &Cell::block_us) = {100};
  for (const RunOptions& options : {gathered, limited, locked, pooled, calling})
    EXPECT_EQ(refusal(options),
              "--deadline-us: clients that ask one query at a time, and wait for nothing else, "
              "cancel it; leave --fan-out, --limit, --lock, --block-us and --connections pool:K "
              "out");
  RunOptions memory = alone, open = alone;
  memory.memory = true;
  open.rates = {"100"};
  for (const RunOptions& options : {memory, open})
    EXPECT_EQ(refusal(options),
              "--deadline-us is for timed turns of a closed loop: leave --memory and --rate out");
}

TEST_F(RunPlanOf, ADeadlineIsRefusedWhereTheWorkloadHasNone) {
  RunOptions options = given<std::uint32_t>("epoll", &Cell::deadline_us, {5000});
  values_of(options.axes, &Cell::workload) = {"http"};
  EXPECT_EQ(refusal(options), "--deadline-us: the workload http has no such axis; leave it out");
}

TEST_F(RunPlanOf, ABudgetIsRefusedWhereNothingIsCompared) {
  RunOptions options = given<std::size_t>("blocking|callback-epoll", &Cell::in_flight, {8});
  options.budget_s = 60;
  EXPECT_EQ(refusal(options), "");
  options.models = "^blocking$";
  EXPECT_TRUE(refusal(options).starts_with("--budget: no models are compared in this run"));
  options.models = "blocking|callback-epoll";
  options.memory = true;
  EXPECT_TRUE(refusal(options).starts_with("--budget: no models are compared in this run"));
}

TEST_F(RunPlanOf, TheProfileOfGuestsHasAllOfThemBesideSomeModels) {
  Participant guest = *find_participant(participants_, "callback-epoll");
  guest.name = "some-guest";
  guest.role = Role::guest;
  participants_.push_back(guest);
  RunOptions options;
  options.profile = "guests";
  const auto enters = [this, &options](std::string_view name) {
    return std::ranges::any_of(plan(options).cells.front().entries, [name](const Entry& entry) {
      return entry.participant->name == name;
    });
  };
  EXPECT_TRUE(enters("some-guest"));
  EXPECT_TRUE(enters("callback-epoll"));
  EXPECT_FALSE(enters("generator-poll"));
  options.models = "callback-epoll";
  EXPECT_FALSE(enters("some-guest")) << "whom the user chooses, and nobody else";
}

TEST_F(RunPlanOf, TheProfileOfGuestsBringsThoseThatWaitbenchComesWith) {
  RunOptions options;
  EXPECT_EQ(guests_of(options), std::nullopt);
  options.profile = "guests";
  EXPECT_EQ(guests_of(options), "");
  options.guests = "my-guests";
  EXPECT_EQ(guests_of(options), "my-guests");
}

}  // namespace
}  // namespace waitbench
