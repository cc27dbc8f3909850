// The search of a sweep, against models whose limit is known.
#include "harness/sweep.hpp"

#include <gtest/gtest.h>

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

TEST(RateSearch, FindsTheLimitToFivePercentInTwelveTrialsAtMost) {
  for (const double limit_qps : {130.0, 900.0, 4000.0, 21'500.0, 63'000.0, 240'000.0, 990'000.0}) {
    const RateSearch search = searched(limit_qps);
    ASSERT_TRUE(search.sustained_qps() && search.refused_qps()) << limit_qps;
    EXPECT_LE(*search.sustained_qps(), limit_qps);
    EXPECT_GT(*search.refused_qps(), limit_qps);
    EXPECT_LE(*search.refused_qps(), RateSearch::resolution * *search.sustained_qps());
    EXPECT_LE(search.trials(), RateSearch::most_trials);
  }
}

TEST(RateSearch, SaysThatNotEvenTheLowestIsSustained) {
  const RateSearch search = searched(lowest_qps - 1);
  EXPECT_EQ(search.sustained_qps(), std::nullopt);
  EXPECT_EQ(search.refused_qps(), lowest_qps);
}

TEST(RateSearch, SaysThatEvenTheHighestIsSustained) {
  const RateSearch search = searched(highest_qps);
  EXPECT_EQ(search.sustained_qps(), highest_qps);
  EXPECT_EQ(search.refused_qps(), std::nullopt);
}

TEST(RateSearch, TriesNoRateTwice) {
  for (const double limit_qps : {130.0, 4000.0, 63'000.0}) {
    RateSearch search(lowest_qps, highest_qps);
    std::vector<double> tried;
    while (const std::optional<double> rate_qps = search.next_qps()) {
      EXPECT_EQ(std::count(tried.begin(), tried.end(), *rate_qps), 0) << *rate_qps;
      tried.push_back(*rate_qps);
      search.note(*rate_qps, *rate_qps <= limit_qps);
    }
  }
}

TEST(RateSearch, EndsHoweverContradictoryTheTrials) {
  RateSearch search(lowest_qps, highest_qps);
  bool sustained = false;
  while (const std::optional<double> rate_qps = search.next_qps())
    search.note(*rate_qps, sustained = !sustained);
  EXPECT_LE(search.trials(), RateSearch::most_trials);
}

TEST(SweepFinding, SaysWhatWasFoundAndTheBracket) {
  const std::vector<Entrant> entrants = all_entrants();
  const auto text = [&](double limit_qps) {
    return to_text({{find_entrant(entrants, "blocking")}, searched(limit_qps)}, 5000);
  };
  const std::string within = "queries/s with a p99 within 5000 us";
  EXPECT_EQ(text(21'500), "blocking sustains 20700 to 21600 " + within + " (8 trials)");
  EXPECT_EQ(text(1), "blocking does not sustain 100 " + within + " (4 trials)");
  EXPECT_EQ(text(2e6), "blocking sustains 1000000 and more " + within + " (5 trials)");
}

}  // namespace
}  // namespace waitbench
