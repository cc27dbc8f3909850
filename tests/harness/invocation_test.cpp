// What an invocation enters in its results when trials fail, or all goes well.
#include "harness/run/invocation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <system_error>

#include "tests/harness/mock_executor.hpp"

namespace waitbench {
namespace {

class InvocationTest : public testing::Test {
 protected:
  InvocationTest() {
    plan_.purpose = "matched";
    plan_.rounds = 4;
    for (const char* name : {"blocking", "callback-epoll", "coroutine-epoll"})
      plan_.entries.push_back({find_participant(participants_, name)});
  }

  // The results by name of their participant.
  std::map<std::string, RoundsResult> run() {
    std::map<std::string, RoundsResult> results;
    for (RoundsResult& result : measure(plan_, 0, mock_options(play_))) {
      std::string name(result.entry.participant->name);
      results.emplace(std::move(name), std::move(result));
    }
    return results;
  }

  // Lets this step of callback-epoll throw, when it has succeeded as often as that before.
  template <class Error>
  void fail(std::string_view step, std::size_t after, const Error& error) {
    play_.fault = [=](std::string_view taken, std::string_view name, std::size_t before) {
      if (taken == step && name == "callback-epoll" && before == after) throw error;
    };
  }

  // Only callback-epoll has failed; the others are whole.
  static void expect_one_failed(const std::map<std::string, RoundsResult>& results,
                                const std::string& reason) {
    for (const auto& [name, result] : results) {
      const bool failed = name == "callback-epoll";
      EXPECT_EQ(result.status, failed ? Status::failed : Status::ok) << name;
      EXPECT_EQ(result.reason, failed ? reason : "") << name;
      EXPECT_EQ(result.turns.size(), failed ? 0U : 4U) << name;
      EXPECT_EQ(result.order.size(), result.turns.size()) << name;
      EXPECT_EQ(result.interference.size(), result.turns.size()) << name;
    }
  }

  std::vector<Participant> participants_ = all_participants();
  MockPlay play_;
  CellPlan plan_;
};

TEST_F(InvocationTest, EveryEntryHasOneTurnInEachRoundAfterAWarmUpThatIsForgotten) {
  const auto results = run();
  ASSERT_EQ(results.size(), 3U);
  for (const auto& [name, result] : results) {
    EXPECT_EQ(result.status, Status::ok);
    EXPECT_EQ(result.turns.size(), 4U);
    EXPECT_EQ(play_.count("turn " + name), 5U);
    EXPECT_EQ(play_.count("finish " + name), 1U);
    EXPECT_EQ(play_.count("abandon " + name), 0U);
  }
  for (std::size_t round = 0; round < 4; ++round) {
    std::vector<std::size_t> positions;
    for (const auto& [name, result] : results) positions.push_back(result.order[round]);
    std::ranges::sort(positions);
    EXPECT_EQ(positions, (std::vector<std::size_t>{0, 1, 2}));
  }
}

TEST_F(InvocationTest, ATrialThatDoesNotStartHasItsReasonAndTheOthersGoOn) {
  fail("start", 0, TrialFailed("1 of 64 queries in flight at the deadline", 1));
  const auto results = run();
  expect_one_failed(results, "1 of 64 queries in flight at the deadline");
  EXPECT_EQ(results.at("callback-epoll").in_flight_peak_backend, 1U);
  EXPECT_EQ(play_.count("turn callback-epoll"), 0U);
  EXPECT_EQ(play_.count("finish callback-epoll"), 0U);
}

TEST_F(InvocationTest, ATrialThatFailsInATurnLosesItsEarlierRoundsToo) {
  fail("turn", 3, TrialFailed("a reply was wrong"));
  expect_one_failed(run(), "a reply was wrong");
  EXPECT_EQ(play_.count("turn callback-epoll"), 4U);
  EXPECT_EQ(play_.count("abandon callback-epoll"), 1U);
  EXPECT_EQ(play_.count("finish callback-epoll"), 0U);
}

TEST_F(InvocationTest, ATrialThatFailsAtItsWarmUpTakesNoFurtherTurn) {
  fail("turn", 0, TrialFailed("a reply was wrong"));
  expect_one_failed(run(), "a reply was wrong");
  EXPECT_EQ(play_.count("turn callback-epoll"), 1U);
}

TEST_F(InvocationTest, ATrialWhoseLastAccountsAreWrongLosesAllRounds) {
  fail("finish", 0, TrialFailed("3 queries were never answered"));
  expect_one_failed(run(), "3 queries were never answered");
}

TEST_F(InvocationTest, AnErrorThatNobodyForesawIsTheReasonOfItsTrialAlone) {
  for (const char* step : {"start", "turn", "finish"}) {
    play_.steps.clear();
    fail(step, 0, std::system_error(EMFILE, std::generic_category(), "pidfd_open"));
    expect_one_failed(run(), "pidfd_open: Too many open files");
    play_.steps.clear();
    fail(step, 0, std::bad_alloc());
    expect_one_failed(run(), std::bad_alloc().what());
  }
}

TEST_F(InvocationTest, ABackendThatIsLostIsTheReasonOfAllThatHaveNotFailedBefore) {
  play_.fault = [](std::string_view step, std::string_view name, std::size_t before) {
    if (step == "turn" && name == "blocking" && before == 1) throw TrialFailed("a reply was wrong");
    if (step == "turn" && name == "callback-epoll" && before == 3)
      throw BackendFailed("the backend was killed by signal 9 (Killed)");
  };
  for (const auto& [name, result] : run()) {
    EXPECT_EQ(result.status, Status::failed);
    EXPECT_EQ(result.reason, name == "blocking" ? "a reply was wrong"
                                                : "the backend was killed by signal 9 (Killed)");
    EXPECT_TRUE(result.turns.empty());
  }
}

TEST_F(InvocationTest, ABackendThatDoesNotStartIsTheReasonOfAll) {
  PassOptions options = mock_options(play_);
  options.make_executor = [](const StageOptions&) -> std::unique_ptr<TrialExecutor> {
    throw BackendFailed("the backend did not get ready");
  };
  const auto results = measure(plan_, 0, options);
  ASSERT_EQ(results.size(), 3U);
  for (const RoundsResult& result : results) {
    EXPECT_EQ(result.status, Status::failed);
    EXPECT_EQ(result.reason, "the backend did not get ready");
  }
}

TEST_F(InvocationTest, AnInterruptedRoundCountsForNobody) {
  fail("turn", 3, Interrupted{});
  const auto results = run();
  ASSERT_EQ(results.size(), 3U);
  for (const auto& [name, result] : results) {
    EXPECT_EQ(result.status, Status::ok);
    EXPECT_TRUE(result.interrupted);
    EXPECT_EQ(result.turns.size(), 2U) << name;
  }
}

TEST_F(InvocationTest, AnInterruptBeforeTheFirstRoundIsCompleteSkipsAll) {
  for (const char* step : {"start", "turn"}) {
    play_.steps.clear();
    fail(step, 0, Interrupted{});
    for (const auto& [name, result] : run()) {
      EXPECT_EQ(result.status, Status::skipped);
      EXPECT_EQ(result.reason, "interrupted before the first round was complete");
    }
  }
}

TEST_F(InvocationTest, AnInterruptLeavesAFailureAsItIs) {
  play_.fault = [](std::string_view step, std::string_view name, std::size_t before) {
    if (step == "turn" && name == "blocking" && before == 1) throw TrialFailed("a reply was wrong");
    if (step == "turn" && name == "callback-epoll" && before == 3) throw Interrupted{};
  };
  const auto results = run();
  EXPECT_EQ(results.at("blocking").status, Status::failed);
  EXPECT_FALSE(results.at("blocking").interrupted);
  EXPECT_TRUE(results.at("coroutine-epoll").interrupted);
}

TEST_F(InvocationTest, AParticipantThatCannotRunTheCellIsSkippedAndNeverStarted) {
  plan_.cell.in_flight = 2000;
  plan_.entries.push_back({find_participant(participants_, "callback-select")});
  const auto results = run();
  EXPECT_EQ(results.at("callback-select").status, Status::skipped);
  EXPECT_NE(results.at("callback-select").reason, "");
  EXPECT_EQ(play_.count("start callback-select"), 0U);
  EXPECT_EQ(results.at("callback-epoll").turns.size(), 4U);
}

TEST_F(InvocationTest, OnlyTheEntriesOfTheCohortTakePart) {
  plan_.entries[1].cohort = 1;
  const auto results = run();
  EXPECT_EQ(results.size(), 2U);
  EXPECT_FALSE(results.contains("callback-epoll"));
}

TEST_F(InvocationTest, ATrendIsADriftAgainstTheOthersAndNotOneOfTheMachine) {
  plan_.rounds = 8;
  play_.turn = [](std::string_view name, std::size_t before) {
    const bool second_half = before > 4;  // the first is the warm-up
    const double of_machine = second_half ? 1.5 : 1;
    const double its_own = second_half && name == "callback-epoll" ? 1.1 : 1;
    return Turn{.queries = 100, .client_cpu_us_per_query = 10 * of_machine * its_own};
  };
  for (const auto& [name, result] : run())
    EXPECT_EQ(result.trend, name == "callback-epoll") << name;
  play_.steps.clear();
  play_.turn = [](std::string_view, std::size_t before) {
    return Turn{.queries = 100, .client_cpu_us_per_query = before > 4 ? 15.0 : 10.0};
  };
  for (const auto& [name, result] : run()) EXPECT_FALSE(result.trend) << name;
}

}  // namespace
}  // namespace waitbench
