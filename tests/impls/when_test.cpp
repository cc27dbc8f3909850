#include "impls/lib/when.hpp"

#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "impls/lib/sync/awaiting.hpp"
#include "impls/lib/sync/lock.hpp"

namespace waitbench {
namespace {

// Something to wait for: whoever awaits it is resumed by open(), unless it is gone.
class Door {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> who) { waiter_ = who; }
  void await_resume() const {}
  void open() { waiter_.resume(); }

 private:
  std::coroutine_handle<> waiter_;
};

Task<int> answer(int number) {
  co_return number;
}
Task<int> answer_behind(Door& door, int number) {
  co_await door;
  co_return number;
}
Task<int> fail_behind(Door& door, std::string why) {
  co_await door;
  throw std::runtime_error(why);
}

// Says that it has been destroyed.
struct Witness {
  explicit Witness(int& count) : count(&count) {}
  Witness(Witness&& other) noexcept : count(std::exchange(other.count, nullptr)) {}
  Witness& operator=(Witness&&) = delete;
  ~Witness() {
    if (count != nullptr) ++*count;
  }
  int* count;
};
Task<int> wait_for_ever(Door& door, Witness witness) {
  co_await door;
  co_return *witness.count;
}

template <class... T>
std::vector<Task<int>> list_of(T... tasks) {
  std::vector<Task<int>> list;
  (list.push_back(std::move(tasks)), ...);
  return list;
}

TEST(WhenAll, GivesTheResultsOfTasksThatEndAtOnceInTheirOrder) {
  Task<std::vector<int>> all = when_all(list_of(answer(1), answer(2), answer(3)));
  all.start();
  ASSERT_TRUE(all.done());
  EXPECT_EQ(all.result(), (std::vector{1, 2, 3}));
}

TEST(WhenAll, OfNothingIsDoneAtOnce) {
  Task<std::vector<int>> all = when_all(std::vector<Task<int>>());
  all.start();
  EXPECT_TRUE(all.result().empty());
}

TEST(WhenAll, GoesOnWhenTheLastHasEndedInWhateverOrder) {
  Door one, two, three;
  Task<std::vector<int>> all = when_all(
      list_of(answer_behind(one, 1), answer_behind(two, 2), answer(7), answer_behind(three, 3)));
  all.start();
  for (Door* door : {&three, &one}) {
    door->open();
    EXPECT_FALSE(all.done());
  }
  two.open();
  ASSERT_TRUE(all.done());
  EXPECT_EQ(all.result(), (std::vector{1, 2, 7, 3}));
}

TEST(WhenAll, GivesATupleOfWhatTasksOfDifferentKindsReturn) {
  Door door;
  const auto name = []() -> Task<std::unique_ptr<std::string>> {
    co_return std::make_unique<std::string>("Ada");
  };
  const auto nothing = [](Door& behind) -> Task<> { co_await behind; };
  bool gone_on = false;
  const auto parent = [&]() -> Task<int> {
    auto [who, age, unit] = co_await when_all(name(), answer(36), nothing(door));
    gone_on = *who == "Ada";
    co_return age;
  };
  Task<int> task = parent();
  task.start();
  EXPECT_FALSE(task.done());
  door.open();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 36);
  EXPECT_TRUE(gone_on);
}

TEST(WhenAll, WaitsForAllBeforeItThrowsWhatTheFirstInTheListThrew) {
  Door one, two, three;
  Task<std::vector<int>> all = when_all(
      list_of(answer_behind(one, 1), fail_behind(two, "second"), fail_behind(three, "third")));
  all.start();
  three.open();
  two.open();
  EXPECT_FALSE(all.done()) << "the first has not ended";
  one.open();
  ASSERT_TRUE(all.done());
  try {
    all.result();
    FAIL() << "it did not throw";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "second");
  }
}

TEST(WhenAll, LeavesTheResultsWithTheTasksIfItIsAskedTo) {
  Door door;
  std::vector<Task<int>> tasks = list_of(answer(1), fail_behind(door, "no"));
  Task<> all = when_all_ended(std::span(tasks));
  all.start();
  door.open();
  ASSERT_TRUE(all.done());
  EXPECT_EQ(tasks[0].result(), 1);
  EXPECT_TRUE(tasks[1].failed());
  EXPECT_THROW(tasks[1].result(), std::runtime_error);
}

TEST(WhenAll, ThatIsDestroyedCancelsItsTasks) {
  int destroyed = 0;
  Door one, two;
  {
    Task<std::vector<int>> all = when_all(
        list_of(wait_for_ever(one, Witness(destroyed)), wait_for_ever(two, Witness(destroyed))));
    all.start();
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 2);
}

TEST(WhenAll, ToleratesATaskThatLetsAnotherGoOnWhileTheyAreStarted) {
  Door door;
  const auto opens = [](Door& which) -> Task<int> {
    which.open();
    co_return 2;
  };
  Task<std::vector<int>> all = when_all(list_of(answer_behind(door, 1), opens(door)));
  all.start();
  ASSERT_TRUE(all.done());
  EXPECT_EQ(all.result(), (std::vector{1, 2}));
}

TEST(WhenAll, NestsAndAManyTasksEndOneByOne) {
  constexpr int each = 100;
  std::vector<Door> doors(each * each);
  std::vector<Task<std::vector<int>>> rows;
  for (int row = 0; row < each; ++row) {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < each; ++i) tasks.push_back(answer_behind(doors[row * each + i], i));
    rows.push_back(when_all(std::move(tasks)));
  }
  Task<std::vector<std::vector<int>>> all = when_all(std::move(rows));
  all.start();
  for (Door& door : doors) {
    EXPECT_FALSE(all.done());
    door.open();
  }
  ASSERT_TRUE(all.done());
  EXPECT_EQ(all.result().back().back(), each - 1);
}

TEST(WhenAllSucceed, ThrowsWhatFailsFirstAndCancelsTheOthers) {
  int destroyed = 0;
  Door one, two, three;
  Task<std::vector<int>> all = when_all_succeed(list_of(
      wait_for_ever(one, Witness(destroyed)), answer_behind(two, 2), fail_behind(three, "third")));
  all.start();
  two.open();
  EXPECT_FALSE(all.done());
  three.open();
  ASSERT_TRUE(all.done());
  EXPECT_EQ(destroyed, 1);
  EXPECT_THROW(all.result(), std::runtime_error);
}

TEST(WhenAllSucceed, GivesAllResultsIfNoneFails) {
  Door door;
  Task<std::vector<int>> all = when_all_succeed(list_of(answer_behind(door, 1), answer(2)));
  all.start();
  door.open();
  EXPECT_EQ(all.result(), (std::vector{1, 2}));
}

TEST(WhenAllSucceed, DoesNotBeginWhatComesAfterOneThatFailsAtOnce) {
  bool begun = false;
  const auto begins = [](bool& flag) -> Task<int> {
    flag = true;
    co_return 1;
  };
  const auto fails = []() -> Task<int> {
    throw std::runtime_error("at once");
    co_return 0;
  };
  Task<std::vector<int>> all = when_all_succeed(list_of(fails(), begins(begun)));
  all.start();
  EXPECT_THROW(all.result(), std::runtime_error);
  EXPECT_FALSE(begun);
}

TEST(WhenAny, GivesTheFirstAndCancelsTheOthers) {
  int destroyed = 0;
  Door one, two, three;
  Task<First<int>> any =
      when_any(list_of(wait_for_ever(one, Witness(destroyed)), answer_behind(two, 2),
                       wait_for_ever(three, Witness(destroyed))));
  any.start();
  EXPECT_FALSE(any.done());
  two.open();
  ASSERT_TRUE(any.done());
  EXPECT_EQ(destroyed, 2) << "when it ends, and not when it is dropped";
  const First<int> first = any.result();
  EXPECT_EQ(first.index, 1U);
  EXPECT_EQ(first.result, 2);
}

TEST(WhenAny, DoesNotBeginWhatComesAfterOneThatEndsAtOnce) {
  bool begun = false;
  const auto begins = [](bool& flag) -> Task<int> {
    flag = true;
    co_return 1;
  };
  Task<First<int>> any = when_any(list_of(answer(1), begins(begun)));
  any.start();
  EXPECT_EQ(any.result().index, 0U);
  EXPECT_FALSE(begun);
}

TEST(WhenAny, ThrowsWhatTheFirstThrew) {
  Door one, two;
  Task<First<int>> any = when_any(list_of(answer_behind(one, 1), fail_behind(two, "first")));
  any.start();
  two.open();
  EXPECT_THROW(any.result(), std::runtime_error);
}

TEST(WhenAny, OfNothingIsAnError) {
  Task<First<int>> any = when_any(std::vector<Task<int>>());
  any.start();
  EXPECT_THROW(any.result(), std::invalid_argument);
}

TEST(WhenAll, ThatNobodyAwaitsBeginsNothing) {
  bool begun = false;
  const auto begins = [](bool& flag) -> Task<int> {
    flag = true;
    co_return 1;
  };
  { const Task<std::vector<int>> forgotten = when_all(list_of(begins(begun))); }
  EXPECT_FALSE(begun);
}

TEST(WhenAny, TakesWhoIsCancelledOutOfTheLineOfALock) {
  RunQueue run_queue;
  Lock lock(run_queue);
  Waiter holder;
  ASSERT_TRUE(lock.acquire(holder));
  CoroutineWaiter slot;
  const auto acquires = [](Lock& wanted, CoroutineWaiter& self) -> Task<int> {
    co_await wait_for(self, [&](Waiter& waiter) { return wanted.acquire(waiter); });
    co_return 1;
  };
  Door door;
  Task<First<int>> any = when_any(list_of(acquires(lock, slot), answer_behind(door, 2)));
  any.start();
  EXPECT_TRUE(lock.has_waiters());
  door.open();
  EXPECT_EQ(any.result().index, 1U);
  EXPECT_FALSE(lock.has_waiters());
}

}  // namespace
}  // namespace waitbench
