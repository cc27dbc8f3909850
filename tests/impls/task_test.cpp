#include "impls/lib/task.hpp"

#include <gtest/gtest.h>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/impls/stack_extent.hpp"

namespace waitbench {
namespace {

// Something to wait for: whoever awaits it is resumed by open().
struct Door {
  std::coroutine_handle<> waiter;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> who) { waiter = who; }
  void await_resume() const {}
  void open() { waiter.resume(); }
};

Task<int> answer(int number) {
  co_return number;
}

Task<int> answer_behind(Door& door, int number) {
  co_await door;
  co_return number;
}

TEST(Task, DoesNothingBeforeItIsStarted) {
  bool begun = false;
  const auto body = [](bool& flag) -> Task<> {
    flag = true;
    co_return;
  };
  Task<> task = body(begun);
  EXPECT_FALSE(begun);
  task.start();
  EXPECT_TRUE(begun);
  EXPECT_TRUE(task.done());
}

TEST(Task, GivesItsResult) {
  Task<int> task = answer(42);
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 42);
}

TEST(Task, IsNotDoneWhileItWaits) {
  Door door;
  Task<int> task = answer_behind(door, 1);
  task.start();
  EXPECT_FALSE(task.done());
  door.open();
  EXPECT_TRUE(task.done());
}

TEST(Task, AwaitingOneThatNeedNotWaitDoesNotSuspend) {
  const auto parent = []() -> Task<int> { co_return co_await answer(20) + co_await answer(22); };
  Task<int> task = parent();
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 42);
}

TEST(Task, AwaitingOneThatWaitsGoesOnWhenItEnds) {
  Door first, second;
  std::vector<std::string> order;
  const auto parent = [&]() -> Task<int> {
    order.push_back("first");
    const int one = co_await answer_behind(first, 1);
    order.push_back("second");
    const int two = co_await answer_behind(second, 2);
    order.push_back("both");
    co_return one + two;
  };
  Task<int> task = parent();
  task.start();
  EXPECT_EQ(order, (std::vector<std::string>{"first"}));
  first.open();
  EXPECT_EQ(order, (std::vector<std::string>{"first", "second"}));
  second.open();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 3);
}

TEST(Task, ReturnsWhatCanOnlyBeMoved) {
  const auto child = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(42); };
  const auto parent = [&]() -> Task<std::unique_ptr<int>> { co_return co_await child(); };
  Task<std::unique_ptr<int>> task = parent();
  task.start();
  EXPECT_EQ(*task.result(), 42);
}

TEST(Task, ThrowsToWhoeverAwaitsIt) {
  Door door;
  const auto child = [](Door& behind) -> Task<int> {
    co_await behind;
    throw std::runtime_error("no answer");
  };
  const auto parent = [&]() -> Task<std::string> {
    try {
      co_await child(door);
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "";
  };
  Task<std::string> task = parent();
  task.start();
  door.open();
  EXPECT_EQ(task.result(), "no answer");
}

TEST(Task, ThrowsToWhoeverAsksForItsResult) {
  const auto body = []() -> Task<> {
    throw std::runtime_error("no answer");
    co_return;
  };
  Task<> task = body();
  task.start();
  EXPECT_TRUE(task.done());
  EXPECT_THROW(task.result(), std::runtime_error);
}

TEST(Task, CleansUpWhenItIsDroppedWhileItsChildWaits) {
  Door door;
  const auto watched = std::make_shared<int>(0);
  const auto child = [](Door& behind, std::shared_ptr<int>) -> Task<> { co_await behind; };
  const auto parent = [&](std::shared_ptr<int> kept) -> Task<> { co_await child(door, kept); };
  {
    Task<> task = parent(watched);
    task.start();
    EXPECT_EQ(watched.use_count(), 3);
  }
  EXPECT_EQ(watched.use_count(), 1);
}

Task<int> nest(int depth, Door& door) {
  if (depth == 1) co_return co_await answer_behind(door, 1);
  co_return 1 + co_await nest(depth - 1, door);
}

TEST(Task, NestsSixtyFourDeep) {
  Door door;
  Task<int> task = nest(64, door);
  task.start();
  EXPECT_FALSE(task.done());
  door.open();
  EXPECT_EQ(task.result(), 64);
}

// Awaits a million children, each of which waits if `waits` says so of its number, and notes how
// far the stack reaches in each.
template <class Waits>
void await_a_million(Waits waits) {
  constexpr std::int64_t times = 1'000'000;
  Door door;
  StackExtent stack;
  const auto child = [&](std::int64_t i) -> Task<std::int64_t> {
    if (waits(i)) co_await door;
    stack.note();
    co_return 1;
  };
  const auto parent = [&]() -> Task<std::int64_t> {
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < times; ++i) sum += co_await child(i);
    co_return sum;
  };
  Task<std::int64_t> task = parent();
  task.start();
  for (std::int64_t i = 0; i < times && !task.done(); ++i) door.open();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), times);
  EXPECT_LT(stack.bytes(), few_calls_bytes);
}

TEST(Task, AMillionChildrenThatEndAtOnceDoNotGrowTheStack) {
  await_a_million([](std::int64_t) { return false; });
}

TEST(Task, AMillionChildrenThatEndLaterDoNotGrowTheStack) {
  await_a_million([](std::int64_t) { return true; });
}

TEST(Task, AMillionChildrenOfBothKindsDoNotGrowTheStack) {
  await_a_million([](std::int64_t i) { return i % 3 == 0; });
}

#ifndef NDEBUG
TEST(TaskDeathTest, AssertsThatAnEmptyOneIsNotUsed) {
  Task<> empty;
  EXPECT_DEATH(empty.start(), "has_body");
  EXPECT_DEATH(empty.done(), "has_body");
  EXPECT_DEATH(empty.result(), "has_body");
  const auto parent = [](Task<> child) -> Task<> { co_await std::move(child); };
  EXPECT_DEATH(parent(Task<>()).start(), "has_body");
  Task<int> task = answer(1);
  const Task<int> taken = std::move(task);
  EXPECT_DEATH(task.start(), "has_body");
}

TEST(TaskDeathTest, AssertsThatOneThatIsDoneDoesNotGoOn) {
  Task<int> task = answer(1);
  task.start();
  EXPECT_DEATH(task.start(), "!done\\(\\)");
  const auto parent = [](Task<int> child) -> Task<int> { co_return co_await std::move(child); };
  EXPECT_DEATH(parent(std::move(task)).start(), "!done\\(\\)");
}

TEST(TaskDeathTest, AssertsThatItIsNotAskedForAResultThatItHasNotYet) {
  Door door;
  Task<int> task = answer_behind(door, 1);
  task.start();
  EXPECT_DEATH(task.result(), "done\\(\\)");
}
#endif

static_assert(Awaitable<Task<int>> && Awaitable<Door> && Awaitable<Door&>);
static_assert(!Awaitable<int> && !Awaitable<Task<int>&>, "a Task is awaited once, and given up");

}  // namespace
}  // namespace waitbench
