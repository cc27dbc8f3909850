// Plans: how long a turn is, and who can be alive at once.
#include "harness/run/plan.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <stdexcept>

namespace waitbench {
namespace {

std::size_t one(std::size_t, const Settings&) {
  return 1;
}
std::size_t all(std::size_t conversations, const Settings&) {
  return conversations;
}

Participant participant(std::string_view name, std::string_view style = "callback",
                        std::size_t (*in_flight_limit)(std::size_t, const Settings&) = all,
                        Role role = Role::model) {
  return {.name = name,
          .role = role,
          .style = style,
          .engine = "",
          .summary = "",
          .in_flight_limit = in_flight_limit};
}

const Participant participants[] = {participant("a"), participant("b"), participant("c"),
                                    participant("d"), participant("e")};
constexpr Limits ample = {.descriptors = 1 << 20, .ports = 1 << 20, .threads = 1 << 20};

CellPlan plan_of(std::size_t entries, std::size_t in_flight) {
  CellPlan plan{.purpose = "", .cell = {.in_flight = in_flight}, .entries = {}};
  for (std::size_t i = 0; i < entries; ++i) plan.entries.push_back({&participants[i]});
  return plan;
}

std::string complaint(CellPlan plan, const Limits& limits) {
  try {
    split_into_cohorts(plan, limits);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != text.npos;
}

TEST(Turn, HasTwoThousandQueriesAndTenForEachInFlight) {
  EXPECT_EQ(default_turn_queries({.in_flight = 1}), 2000U);
  EXPECT_EQ(default_turn_queries({.in_flight = 200}), 2000U);
  EXPECT_EQ(default_turn_queries({.in_flight = 1000}), 10'000U);
}

TEST(Turn, IsInProportionToWhatTheEntrantCanHaveInFlight) {
  const CellPlan plan{
      .purpose = "", .cell = {.in_flight = 64}, .entries = {}, .turn_queries = 6400};
  EXPECT_EQ(turn_queries(plan, participant("whole")), 6400U);
  EXPECT_EQ(turn_queries(plan, participant("serial", "blocking", one)), 100U);
  EXPECT_EQ(turn_queries(plan, participant("no-op", "", one, Role::no_op)), 1U);
}

TEST(Turn, HasTwentyQueriesAtLeast) {
  const CellPlan plan{.purpose = "", .cell = {.in_flight = 1000}, .entries = {}};
  EXPECT_EQ(turn_queries(plan, participant("serial", "blocking", one)), 20U);
}

TEST(Legs, AreAsManyAsTheCellHasInvocationsAndTheRunAtMost) {
  RunPlan run{.profile = "", .cells = {plan_of(2, 10), plan_of(2, 10)}, .invocations = 3};
  run.cells[1].most_invocations = 2;
  EXPECT_EQ(work_units(run),
            (std::vector<WorkUnit>{{0, 0, 0}, {0, 1, 0}, {1, 0, 0}, {1, 1, 0}, {2, 0, 0}}));
  run.invocations = 1;
  EXPECT_EQ(work_units(run).size(), 2U);
}

TEST(Cohorts, AreOneWhereAllFit) {
  CellPlan plan = plan_of(5, 100);
  split_into_cohorts(plan, ample);
  ASSERT_EQ(plan.entries.size(), 5U);
  for (const Entry& entry : plan.entries) EXPECT_EQ(entry.cohort, 0U);
}

// 80% of 1,000 descriptors, less what a process needs for itself, hold three times 250.
TEST(Cohorts, ShareTheFirstPlaceAndEachOtherPlaceIsInOne) {
  CellPlan plan = plan_of(5, 250);
  split_into_cohorts(plan, {.descriptors = 1000, .ports = 1 << 20, .threads = 1 << 20});
  std::map<std::size_t, std::vector<std::string_view>> cohorts;
  std::map<std::string_view, int> times;
  for (const Entry& entry : plan.entries) {
    cohorts[entry.cohort].push_back(entry.participant->name);
    ++times[entry.participant->name];
  }
  EXPECT_EQ(cohorts.size(), 2U);
  for (const auto& [number, names] : cohorts) {
    EXPECT_EQ(names.front(), "a") << number;
    EXPECT_LE(names.size(), 3U) << number;
  }
  EXPECT_EQ(times,
            (std::map<std::string_view, int>{{"a", 2}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}}));
}

// 80% of 2,100 descriptors, less what a process needs for itself, hold eight times 200: so two
// entries of the baseline are in each group.
TEST(Cohorts, ShareAsManyEntriesOfTheBaselineAsTakeAQuarterOfTheRoom) {
  CellPlan plan{.purpose = "", .cell = {.in_flight = 200}, .entries = {}};
  for (std::size_t repeat = 0; repeat < 4; ++repeat)
    plan.entries.push_back({&participants[0], repeat});
  for (std::size_t i = 0; i < 10; ++i) plan.entries.push_back({&participants[1], i});
  split_into_cohorts(plan, {.descriptors = 2100, .ports = 1 << 20, .threads = 1 << 20});
  std::map<std::size_t, std::vector<std::size_t>> repeats;  // of the baseline, by cohort
  std::map<std::size_t, int> sizes;
  for (const Entry& entry : plan.entries) {
    ++sizes[entry.cohort];
    if (entry.participant == &participants[0]) repeats[entry.cohort].push_back(entry.repeat);
  }
  using Repeats = std::map<std::size_t, std::vector<std::size_t>>;
  EXPECT_EQ(repeats, (Repeats{{0, {0, 1, 2, 3}}, {1, {0, 1}}}));
  EXPECT_EQ(sizes, (std::map<std::size_t, int>{{0, 8}, {1, 8}}));
}

TEST(Cohorts, CountIdleConnectionsToo) {
  CellPlan plan = plan_of(3, 50);
  plan.cell.idle = 200;
  split_into_cohorts(plan, {.descriptors = 700, .ports = 1 << 20, .threads = 1 << 20});
  std::set<std::size_t> cohorts;
  for (const Entry& entry : plan.entries) cohorts.insert(entry.cohort);
  EXPECT_EQ(cohorts.size(), 2U);
}

TEST(Cohorts, RefuseWhenNotEvenTwoFitAndSayHowManyWould) {
  const std::string words =
      complaint(plan_of(5, 500), {.descriptors = 1000, .ports = 1 << 20, .threads = 1 << 20});
  EXPECT_TRUE(mentions(words, "the limit of 1000 descriptors per process")) << words;
  EXPECT_TRUE(mentions(words, "two models")) << words;
  EXPECT_TRUE(mentions(words, "use at most 384")) << words;  // (800 - 32) / 2
  EXPECT_TRUE(mentions(words, "ulimit -n")) << words;
  EXPECT_EQ(complaint(plan_of(5, 384), {.descriptors = 1000, .ports = 1 << 20, .threads = 99'999}),
            "");
}

TEST(Cohorts, LetTheOnlyEntrantHaveAllTheRoom) {
  const Limits limits = {.descriptors = 1000, .ports = 1 << 20, .threads = 1 << 20};
  EXPECT_EQ(complaint(plan_of(1, 768), limits), "");
  EXPECT_TRUE(mentions(complaint(plan_of(1, 769), limits), "one model"));
}

TEST(Cohorts, AreOneInTheMemoryPassWhichHasOneModelAliveAtATime) {
  CellPlan plan = plan_of(5, 500);
  plan.pass = Pass::memory;
  const Limits tight = {.descriptors = 1000, .ports = 1 << 20, .threads = 1 << 20};
  EXPECT_EQ(complaint(plan, tight), "");
  split_into_cohorts(plan, tight);
  EXPECT_EQ(plan.entries.size(), 5U);
  for (const Entry& entry : plan.entries) EXPECT_EQ(entry.cohort, 0U);
}

TEST(Cohorts, NameThePortsWhereTheyAreTheLimit) {
  const Limits limits = {.descriptors = 1 << 20, .ports = 1000, .threads = 1 << 20};
  CellPlan plan = plan_of(2, 500);
  const std::string words = complaint(plan, limits);
  EXPECT_TRUE(mentions(words, "the 1000 ephemeral ports")) << words;
  EXPECT_TRUE(mentions(words, "--transport unix")) << words;
  plan.cell.transport = Transport::unix;
  EXPECT_EQ(complaint(plan, limits), "");
}

TEST(Cohorts, NameTheThreadsOfAModelThatNeedsThem) {
  const Limits limits = {.descriptors = 1 << 20, .ports = 1 << 20, .threads = 1000};
  CellPlan plan = plan_of(1, 801);
  EXPECT_EQ(complaint(plan, limits), "");
  const Participant threads = participant("thread-per-connection", "thread");
  plan.entries.push_back({&threads});
  const std::string words = complaint(plan, limits);
  EXPECT_TRUE(mentions(words, "thread-per-connection with 801 in flight")) << words;
  EXPECT_TRUE(mentions(words, "--in-flight 800")) << words;
  EXPECT_TRUE(mentions(words, "kernel.threads-max")) << words;
}

// 80% of 1,000 threads: two participants with 300 each fit, the third does not.
TEST(Cohorts, AddUpTheThreadsOfThoseWhoAreAliveTogether) {
  const Limits limits = {.descriptors = 1 << 20, .ports = 1 << 20, .threads = 1000};
  const Participant threads = participant("thread-per-connection", "thread");
  const Participant processes = participant("process-per-connection", "process");
  CellPlan plan = plan_of(2, 300);
  for (const Participant* heavy : {&threads, &processes, &threads}) plan.entries.push_back({heavy});
  split_into_cohorts(plan, limits);
  std::map<std::size_t, std::vector<std::string_view>> cohorts;
  for (const Entry& entry : plan.entries) cohorts[entry.cohort].push_back(entry.participant->name);
  const std::map<std::size_t, std::vector<std::string_view>> expected = {
      {0, {"a", "b", "thread-per-connection", "process-per-connection"}},
      {1, {"a", "thread-per-connection"}}};
  EXPECT_EQ(cohorts, expected);
}

TEST(Cohorts, RefuseThreadsThatDoNotFitBesideThoseOfTheReference) {
  const Limits limits = {.descriptors = 1 << 20, .ports = 1 << 20, .threads = 1000};
  const Participant threads = participant("thread-per-connection", "thread");
  CellPlan plan{.purpose = "", .cell = {.in_flight = 500}, .entries = {{&threads, 0}}};
  EXPECT_EQ(complaint(plan, limits), "");
  plan.entries.push_back({&threads, 1});
  EXPECT_TRUE(mentions(complaint(plan, limits), "--in-flight 400")) << complaint(plan, limits);
}

TEST(Cohorts, RefuseALimitBelowWhatAProcessNeedsForItself) {
  const Limits limits = {.descriptors = 32, .ports = 1 << 20, .threads = 1 << 20};
  EXPECT_TRUE(mentions(complaint(plan_of(1, 1), limits), "the limit of 32 descriptors"));
}

TEST(Cohorts, HaveNoMoreConnectionsThanARealServerTakes) {
  const std::vector<Participant> participants = all_participants();
  CellPlan plan;
  plan.cell = {.workload = "postgres", .transport = Transport::unix, .in_flight = 64};
  for (int i = 0; i < 30; ++i)
    plan.entries.push_back({find_participant(participants, "callback-epoll")});
  split_into_cohorts(plan, {.descriptors = 1 << 20, .ports = 1 << 16, .threads = 1 << 20});
  std::map<std::size_t, std::size_t> alive;
  for (const Entry& entry : plan.entries) ++alive[entry.cohort];
  EXPECT_GT(alive.size(), 1U);
  for (const auto& [cohort, entries] : alive) EXPECT_LE(64 * entries, 800U) << cohort;
}

}  // namespace
}  // namespace waitbench
