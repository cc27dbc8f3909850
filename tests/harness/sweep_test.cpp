// The search of a sweep, against models whose limit is known.
#include "harness/run/sweep.hpp"

#include <gtest/gtest.h>

#include <map>

#include "harness/os/random.hpp"

namespace waitbench {
namespace {

constexpr double lowest_qps = 100, highest_qps = 1'000'000;

// The search after as many trials as it wants, of a model that sustains up to `limit_qps`.
RateSearch searched(double limit_qps) {
  RateSearch search(lowest_qps, highest_qps);
  while (const std::optional<double> rate_qps = search.next_qps())
    search.note(*rate_qps, *rate_qps <= limit_qps);
  return search;
}

TEST(RateSearch, FindsTheLimitToFivePercentInTwelveTrialsAtMostWhereTheyAgree) {
  for (const double limit_qps : {130.0, 900.0, 4000.0, 21'500.0, 63'000.0, 240'000.0, 990'000.0}) {
    const RateSearch search = searched(limit_qps);
    ASSERT_TRUE(search.sustained_qps() && search.refused_qps()) << limit_qps;
    EXPECT_LE(*search.sustained_qps(), limit_qps);
    EXPECT_GT(*search.refused_qps(), limit_qps);
    EXPECT_LE(*search.refused_qps(), RateSearch::resolution * *search.sustained_qps());
    EXPECT_LE(search.trials(), 12U);
    EXPECT_TRUE(search.is_settled());
  }
}

TEST(RateSearch, SaysThatNotEvenTheLowestIsSustained) {
  const RateSearch search = searched(lowest_qps - 1);
  EXPECT_EQ(search.sustained_qps(), std::nullopt);
  EXPECT_EQ(search.refused_qps(), lowest_qps);
  EXPECT_EQ(search.trials_at(lowest_qps), 2U);
}

TEST(RateSearch, SaysThatEvenTheHighestIsSustained) {
  const RateSearch search = searched(highest_qps);
  EXPECT_EQ(search.sustained_qps(), highest_qps);
  EXPECT_EQ(search.refused_qps(), std::nullopt);
  EXPECT_EQ(search.trials_at(highest_qps), 2U);
}

TEST(RateSearch, TriesOnlyTheTwoRatesThatItEndsWithAgain) {
  for (const double limit_qps : {130.0, 4000.0, 63'000.0}) {
    RateSearch search(lowest_qps, highest_qps);
    std::map<double, std::size_t> tried;
    while (const std::optional<double> rate_qps = search.next_qps()) {
      ++tried[*rate_qps];
      search.note(*rate_qps, *rate_qps <= limit_qps);
    }
    for (const auto& [rate_qps, times] : tried) {
      const bool is_end = rate_qps == search.sustained_qps() || rate_qps == search.refused_qps();
      EXPECT_EQ(times, is_end ? 2U : 1U) << rate_qps;
      EXPECT_EQ(search.trials_at(rate_qps), times);
    }
  }
}

// The search of a model that sustains up to 21,500 a second, in which the trial of that number (of
// those of its rate) at `rate_qps` shows the contrary of the truth.
RateSearch misled_once(double rate_qps, std::size_t trial_of_rate) {
  RateSearch search(lowest_qps, highest_qps);
  while (const std::optional<double> next_qps = search.next_qps()) {
    const bool lies = *next_qps == rate_qps && search.trials_at(rate_qps) == trial_of_rate;
    search.note(*next_qps, (*next_qps <= 21'500) != lies);
  }
  return search;
}

TEST(RateSearch, FindsTheLimitAlthoughOneTrialIsOfBadLuckOrOfGood) {
  const RateSearch honest = searched(21'500);
  for (const double rate_qps :
       {4000.0, 16'000.0, 64'000.0, 32'000.0, *honest.sustained_qps(), *honest.refused_qps()})
    for (const std::size_t trial_of_rate : {0, 1}) {
      const RateSearch search = misled_once(rate_qps, trial_of_rate);
      EXPECT_LE(search.sustained_qps(), 21'500) << rate_qps;
      EXPECT_GT(search.refused_qps(), 21'500) << rate_qps;
      EXPECT_TRUE(search.is_settled()) << rate_qps;
    }
}

TEST(RateSearch, AsksForAThirdTrialWhereTwoContradictEachOther) {
  const double rate_qps = *searched(21'500).sustained_qps();
  EXPECT_EQ(misled_once(rate_qps, 1).trials_at(rate_qps), 3U);
}

TEST(RateSearch, EndsHoweverContradictoryTheTrials) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Random random(seed);
    RateSearch search(lowest_qps, highest_qps);
    while (const std::optional<double> rate_qps = search.next_qps()) {
      search.note(*rate_qps, random.next() % 2 == 0);
      ASSERT_LE(search.trials_at(*rate_qps), RateSearch::most_trials_of_rate);
    }
    EXPECT_LE(search.trials(), RateSearch::most_trials);
    if (search.sustained_qps() && search.refused_qps()) {
      EXPECT_LT(*search.sustained_qps(), *search.refused_qps());
    }
  }
}

// Each rate is taken for sustained at first, and for refused when it is looked at again.
RateSearch searched_without_agreement() {
  RateSearch search(lowest_qps, highest_qps);
  while (const std::optional<double> rate_qps = search.next_qps())
    search.note(*rate_qps, *rate_qps <= 21'500 && search.trials_at(*rate_qps) == 0);
  return search;
}

TEST(SweepFinding, SaysWhatWasFoundAndTheBracket) {
  const std::vector<Participant> participants = all_participants();
  const auto text = [&](double limit_qps) {
    return to_text({{find_participant(participants, "blocking")}, searched(limit_qps)}, 5000);
  };
  const std::string within = "queries/s with a p99 within 5000 us";
  EXPECT_EQ(text(21'500), "blocking sustains 20700 to 21600 " + within + " (10 trials)");
  EXPECT_EQ(text(1), "blocking does not sustain 100 " + within + " (5 trials)");
  EXPECT_EQ(text(2e6), "blocking sustains 1000000 and more " + within + " (6 trials)");
}

TEST(SweepFinding, SaysThatItsTrialsWereUsedUpBeforeTheyAgreed) {
  const std::vector<Participant> participants = all_participants();
  const SweepFinding finding{{find_participant(participants, "blocking")},
                             searched_without_agreement()};
  EXPECT_EQ(finding.search.trials(), RateSearch::most_trials);
  EXPECT_NE(to_text(finding, 5000).find("(24 trials, which do not agree)"), std::string::npos);
}

}  // namespace
}  // namespace waitbench
