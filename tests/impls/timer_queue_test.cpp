#include "impls/lib/timer_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace waitbench {
namespace {

TEST(TimerQueue, IsNeverDueWhileEmpty) {
  TimerQueue<int> timers;
  EXPECT_TRUE(timers.empty());
  EXPECT_EQ(timers.next_deadline_ns(), timers.never);
}

TEST(TimerQueue, GivesTheEarliestDeadlineFirst) {
  TimerQueue<char> timers;
  timers.push(30, 'c');
  timers.push(10, 'a');
  timers.push(20, 'b');
  EXPECT_EQ(timers.next_deadline_ns(), 10);
  EXPECT_EQ(timers.pop(), 'a');
  EXPECT_EQ(timers.next_deadline_ns(), 20);
  EXPECT_EQ(timers.pop(), 'b');
  EXPECT_EQ(timers.pop(), 'c');
  EXPECT_TRUE(timers.empty());
}

TEST(TimerQueue, GivesEqualDeadlinesInTheOrderInWhichTheyCame) {
  TimerQueue<int> timers;
  for (int i = 0; i < 100; ++i) timers.push(7, i);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(timers.pop(), i);
}

TEST(TimerQueue, HoldsWhatCanOnlyBeMoved) {
  TimerQueue<std::unique_ptr<int>> timers;
  timers.push(2, std::make_unique<int>(2));
  timers.push(1, std::make_unique<int>(1));
  EXPECT_EQ(*timers.pop(), 1);
  EXPECT_EQ(*timers.pop(), 2);
}

struct Holder {
  std::uint32_t timer_index = no_timer;
};

TEST(TimerQueue, TakesBackWhatIsNoLongerWantedAndKeepsTheOrderOfTheRest) {
  constexpr std::size_t count = 1000;
  std::mt19937_64 random(20240229);
  std::vector<Holder> holders(count);
  std::vector<std::int64_t> due(count);
  TimerQueue<Holder*> timers;
  for (std::size_t i = 0; i < count; ++i)
    timers.push(due[i] = static_cast<std::int64_t>(random() % 500), &holders[i]);
  for (std::size_t i = 0; i < count; i += 2) timers.remove(&holders[i]);
  EXPECT_EQ(timers.size(), count / 2);
  std::int64_t last = 0;
  while (!timers.empty()) {
    const auto i = static_cast<std::size_t>(timers.pop() - holders.data());
    ASSERT_EQ(i % 2, 1U) << "it was taken back";
    ASSERT_LE(last, due[i]);
    last = due[i];
  }
  for (const Holder& holder : holders) EXPECT_EQ(holder.timer_index, no_timer);
}

TEST(TimerQueue, KeepsTheOrderOfTheRestWhenSomeAreTakenBack) {
  TimerQueue<int> timers;
  for (const int due : {7, 3, 9, 1, 8, 2, 6, 4, 5, 0}) timers.push(due, due);
  timers.remove_if([](int due) { return due % 3 == 0; });
  for (const int due : {1, 2, 4, 5, 7, 8}) EXPECT_EQ(timers.pop(), due);
  EXPECT_TRUE(timers.empty());
}

TEST(TimerQueue, AcceptsDeadlinesThatArePast) {
  TimerQueue<int> timers;
  timers.push(0, 1);
  timers.push(-5, 2);
  EXPECT_EQ(timers.next_deadline_ns(), -5);
  EXPECT_EQ(timers.pop(), 2);
}

TEST(TimerQueue, KeepsOrderAmongAHundredThousandTimersThatComeAndGo) {
  constexpr std::size_t count = 100'000;
  std::mt19937_64 random(20240229);
  std::uniform_int_distribution<std::int64_t> delay(0, 1'000'000);
  TimerQueue<std::int64_t> timers;
  timers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t due = delay(random);
    timers.push(due, due);
  }
  std::int64_t last = -1;
  for (std::size_t i = 0; i < count; ++i) {  // each one taken enters another, which is due later
    ASSERT_EQ(timers.next_deadline_ns(), std::max(last, timers.next_deadline_ns()));
    last = timers.pop();
    const std::int64_t due = last + delay(random);
    timers.push(due, due);
  }
  EXPECT_EQ(timers.size(), count);
  while (!timers.empty()) {
    const std::int64_t due = timers.pop();
    ASSERT_LE(last, due);
    last = due;
  }
}

}  // namespace
}  // namespace waitbench
