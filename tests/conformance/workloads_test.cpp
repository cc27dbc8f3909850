// A workload is one thing: the models that were written before there was an echo workload are
// verified with it, and take turns in it, by what stands in its own folder. And models of each kind
// with HTTP, a real nginx and a real PostgreSQL server, too; all models:
// tests/end_to_end/test_verify.py.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/backend/nginx/launcher.hpp"
#include "harness/backend/postgres/cluster.hpp"
#include "harness/run/invocation.hpp"
#include "harness/workloads/http/workload.hpp"
#include "harness/workloads/nginx/workload.hpp"
#include "harness/workloads/postgres/workload.hpp"
#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"
#include "tests/workloads/echo/echo.hpp"

namespace waitbench {
namespace {

constexpr std::int64_t deadline_ns = 30 * ns_per_s;  // a bound, not a measure

Cell echo_cell(std::size_t in_flight) {
  return {.workload = echo_workload.name, .in_flight = in_flight};
}

void expect_to_pass(const Participant& model, const std::vector<VerificationCase>& cases) {
  if (!model.eligible()) return;  // its rows say why: models_test.cpp
  const std::vector<Finding> findings = findings_about(model, cases, deadline_ns);
  ASSERT_EQ(findings.size(), cases.size());
  for (const Finding& finding : findings) {
    const auto is_any_of = [&model](std::initializer_list<std::string_view> names) {
      return std::ranges::count(names, model.name) > 0;
    };
    const Cell& cell = finding.which.cell;
    const bool skips =
        (cell.connections.is_pool() && is_any_of({"process-per-connection", "process-pool"})) ||
        (cell.idle > 0 && is_any_of({"blocking", "thread-pool", "process-pool"}));
    EXPECT_EQ(finding.verdict, skips ? Verdict::skipped : Verdict::passed)
        << model.name << ": " << case_name(finding.which) << ": " << finding.reason;
  }
}

class EchoOf : public testing::TestWithParam<const Participant*> {};

TEST_P(EchoOf, PassesTheVerificationCasesOfTheWorkload) {
  if (const Eligibility may = GetParam()->eligible(); !may) GTEST_SKIP() << may.reason;
  const std::vector<std::size_t> numbers = {7};
  expect_to_pass(*GetParam(), echo_workload.verification_cases(numbers));
}

INSTANTIATE_TEST_SUITE_P(Each, EchoOf, testing::ValuesIn(examined_with({Role::model})),
                         [](const auto& info) { return test_name(info.param); });

// What differs between transports, the delay query's cases show.
std::vector<VerificationCase> cases_over_unix(const Workload& workload) {
  constexpr std::uint32_t large = 1 << 16;
  const std::vector<std::size_t> numbers = {7};
  std::vector<VerificationCase> cases = workload.verification_cases(numbers);
  std::erase_if(cases, [](const VerificationCase& which) {
    return which.cell.transport != Transport::unix || which.cell.reply_bytes > large;
  });
  return cases;
}

TEST(Http, ModelsOfEachKindPassItsVerificationCases) {
  for (const Participant* model : of_each_kind_with({Role::model}))
    expect_to_pass(*model, cases_over_unix(http_workload));
}

// All in one test, since each process would start a server of its own; the same below.
TEST(Nginx, ModelsOfEachKindPassItsVerificationCases) {
  if (const Eligibility here = nginx_is_installed(); !here) GTEST_SKIP() << here.reason;
  for (const Participant* model : of_each_kind_with({Role::model}))
    expect_to_pass(*model, cases_over_unix(nginx_workload));
}

TEST(Postgres, ModelsOfEachKindPassItsVerificationCases) {
  if (const Eligibility here = postgres_is_installed(); !here) GTEST_SKIP() << here.reason;
  for (const Participant* model : of_each_kind_with({Role::model}))
    expect_to_pass(*model, cases_over_unix(postgres_workload));
}

TEST(Echo, EveryModelTakesItsTurnsInRounds) {
  constexpr std::size_t rounds = 2;
  CellPlan plan{.purpose = "custom",
                .cell = echo_cell(8),
                .entries = {},
                .rounds = rounds,
                .turn_queries = 100};
  for (const Participant* model : participants_with({Role::model})) plan.entries.push_back({model});
  const PassOptions options{
      .placement = plan_placement(available_cpus()), .seed = 1, .deadline_ns = deadline_ns};
  for (const RoundsResult& result : measure(plan, 0, options)) {
    const Participant& model = *result.entry.participant;
    EXPECT_EQ(result.status, model.eligible() ? Status::ok : Status::skipped)
        << model.name << ": " << result.reason;
    if (result.status == Status::ok) {
      EXPECT_EQ(result.turns.size(), rounds) << model.name;
    }
    const nlohmann::json entry = to_entry(result);
    EXPECT_EQ(entry["backend"], "echo");
    EXPECT_EQ(entry["delay_us"], nullptr) << "the workload has no such axis";
    EXPECT_EQ(entry["in_flight"], 8);
  }
}

TEST(Echo, HasIdleConnections) {
  Cell cell = echo_cell(7);
  cell.idle = 5;
  for (const Finding& finding :
       findings_about(participant_named("callback-epoll"), {{cell}}, deadline_ns))
    EXPECT_EQ(finding.verdict, Verdict::passed) << finding.reason;
}

TEST(Echo, FollowsTheScheduleOfAnOpenLoop) {
  Stage stage({.workload = echo_workload.name,
               .placement = plan_placement(available_cpus()),
               .deadline_ns = deadline_ns});
  TrialOrder order;
  order.cell = echo_cell(4);
  order.cell.rate_qps = 400;
  RunningTrial& trial = stage.start(participant_named("coroutine-epoll"), order, 1000);
  const Turn turn = stage.take_turn(trial, make_schedule(Arrivals::poisson, 400, 0.1, 1), nullptr);
  EXPECT_GE(turn.queries + turn.backlog, 40U);
  stage.finish(trial);
}

TEST(Echo, HasAnOracleAndARendezvous) {
  const auto reason_of = [](const char* name) {
    return findings_about(participant_named(name), {{echo_cell(8)}}, ns_per_s).front().reason;
  };
  EXPECT_EQ(reason_of("control-serial"), "1 of 8 queries in flight at the deadline");
  EXPECT_NE(reason_of("control-answers-twice").find("the reply is not the line that was sent"),
            std::string::npos);
}

TEST(Echo, HasNoHandwrittenPrograms) {
  for (const Participant* written : participants_with({Role::handwritten, Role::no_op}))
    EXPECT_EQ(written->eligible(echo_cell(1)).reason, "it is not written for the workload echo")
        << written->name;
}

}  // namespace
}  // namespace waitbench
