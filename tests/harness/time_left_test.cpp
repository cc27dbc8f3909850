// How long a run will still take, by what it has taken so far.
#include "harness/run/time_left.hpp"

#include <gtest/gtest.h>

namespace waitbench {
namespace {

constexpr TimeLeft::Kind small{0, 0}, large{1, 0};

TEST(TimeLeftTest, IsTheGuessUntilSomethingIsMeasured) {
  TimeLeft left;
  EXPECT_EQ(left.left_s(0), 0);
  left.expect(small, 2);
  left.expect(small, 2);
  left.expect(large, 6);
  EXPECT_DOUBLE_EQ(left.left_s(0), 10);
  left.begin(small, 0, 100);
  EXPECT_DOUBLE_EQ(left.left_s(100), 10);
  EXPECT_DOUBLE_EQ(left.left_s(101), 9);
  EXPECT_DOUBLE_EQ(left.left_s(109), 8) << "what is late takes nothing from what is to come";
}

TEST(TimeLeftTest, FollowsThePaceOfWhatIsDone) {
  TimeLeft left;
  for (int i = 0; i < 100; ++i) left.expect(large, 1);
  left.expect(small, 1);
  left.begin(small, 0, 0);
  left.end(3);  // three times as long as was thought
  EXPECT_NEAR(left.left_s(3), 200, 3) << "while so little is done, half of it is believed";
  for (int i = 0; i < 100; ++i) left.expect(small, 1);
  EXPECT_NEAR(left.left_s(3), 500, 70) << "the same again takes as long as it did";
}

TEST(TimeLeftTest, OfTheSameWorkIsWhatItHasTaken) {
  TimeLeft left;
  for (int i = 0; i < 4; ++i) left.expect(small, 1);
  left.begin(small, 0, 0);
  left.end(5);
  EXPECT_DOUBLE_EQ(left.left_s(5), 15);
  left.begin(small, 0, 5);
  left.end(12);
  EXPECT_DOUBLE_EQ(left.left_s(12), 12) << "the mean of 5 and 7, twice";
}

TEST(TimeLeftTest, OfAPieceUnderWayFollowsFromItsRounds) {
  TimeLeft left;
  left.expect(small, 1);
  left.begin(small, 10, 0);
  left.end_round(8);  // it had to start, and to warm up
  EXPECT_DOUBLE_EQ(left.left_s(8), 0) << "one round alone says nothing of the others";
  left.end_round(10);
  EXPECT_DOUBLE_EQ(left.left_s(10), 16);
  EXPECT_DOUBLE_EQ(left.left_s(11), 15);
  for (int round = 3; round <= 10; ++round) left.end_round(6 + 2 * round);
  EXPECT_DOUBLE_EQ(left.left_s(26), 0);
  left.end(26);
  EXPECT_DOUBLE_EQ(left.left_s(26), 0);
}

TEST(TimeLeftTest, OfARunOfOnePieceIsCorrectedWhileThatIsUnderWay) {
  TimeLeft left;
  left.expect(small, 10);
  left.expect(large, 10);
  left.begin(small, 10, 0);
  for (int round = 1; round <= 5; ++round) left.end_round(4 * round);
  EXPECT_NEAR(left.left_s(20), 20 + 40, 1) << "the other is likely to be as slow";
}

TEST(TimeLeftTest, OfOneMethodIsJudgedByWhatThatMethodHasTaken) {
  TimeLeft left;
  for (std::size_t i = 0; i < 10; ++i) left.expect({i, 0}, 1);
  for (std::size_t i = 10; i < 20; ++i) left.expect({i, 0}, 1, TimeLeft::Method::instructions);
  double now_s = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    left.begin({i, 0}, 0, now_s);
    left.end(now_s += 1);
  }
  EXPECT_NEAR(left.left_s(now_s), 10, 0.1);
  left.begin({10, 0}, 4, now_s);
  left.end_round(now_s + 1);
  left.end_round(now_s + 2);
  EXPECT_NEAR(left.left_s(now_s + 2), 2 + 9 * 4, 3) << "all that is to come is of this method";
}

}  // namespace
}  // namespace waitbench
