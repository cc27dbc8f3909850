// Functions on stacks of their own, and those stacks.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "impls/lib/nested_call.hpp"
#include "impls/lib/stackful_task.hpp"
#include "impls/lib/stacks.hpp"

namespace waitbench {
namespace {

TEST(Stacks, DoNotOverlapAndCanBeWritten) {
  constexpr std::size_t count = 100;
  const Stacks stacks(count);
  std::byte* end_of_last = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<std::byte> stack = stacks[i];
    EXPECT_GE(stack.data(), end_of_last);
    EXPECT_GE(stack.size(), 48U << 10);
    stack.front() = stack.back() = std::byte{1};
    end_of_last = stack.data() + stack.size();
  }
}

TEST(Stacks, EndAtDifferentPlacesWithinAPage) {
  const Stacks stacks(8);
  std::set<std::uintptr_t> places;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::span<std::byte> stack = stacks[i];
    places.insert(reinterpret_cast<std::uintptr_t>(stack.data() + stack.size()) % 4096);
  }
  EXPECT_EQ(places.size(), 8U);
}

std::size_t mappings() {
  std::size_t lines = 0;
  std::FILE* file = std::fopen("/proc/self/maps", "r");
  for (int c; (c = std::fgetc(file)) != EOF;) lines += c == '\n';
  std::fclose(file);
  return lines;
}

// vm.max_map_count stops those that need a mapping, or two, for each stack.
TEST(Stacks, OfFortyThousandFibersAreOneMapping) {
  const std::size_t before = mappings();
  const Stacks stacks(40'000);
  stacks[39'999].front() = std::byte{1};
  EXPECT_LE(mappings(), before + 2);
}

TEST(Stacks, CanBeNone) {
  const Stacks stacks(0);
}

class Fibers : public testing::Test {
 protected:
  template <class Body>
  StackfulTask& make(Body body) {
    tasks_.emplace_back().prepare(stacks_[tasks_.size() - 1], body);
    return tasks_.back();
  }

 private:
  Stacks stacks_{1000};
  std::deque<StackfulTask> tasks_;
};

TEST_F(Fibers, RunFromOneSuspensionToTheNext) {
  std::vector<int> order;
  StackfulTask* self = nullptr;
  StackfulTask& task = make([&] {
    order.push_back(1);
    self->suspend();
    order.push_back(3);
  });
  self = &task;
  EXPECT_TRUE(order.empty());
  task.resume();
  order.push_back(2);
  EXPECT_FALSE(task.done());
  task.resume();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST_F(Fibers, KeepWhatIsOnTheirStacks) {
  constexpr int count = 1000, rounds = 5;
  std::deque<StackfulTask*> tasks;
  std::vector<int> sums(count, 0);
  for (int i = 0; i < count; ++i)
    tasks.push_back(&make([i, &tasks, &sums] {
      std::vector<int> mine;
      for (int round = 0; round < rounds; ++round) {
        mine.push_back(i + round);
        tasks[static_cast<std::size_t>(i)]->suspend();
      }
      for (const int value : mine) sums[static_cast<std::size_t>(i)] += value;
    }));
  for (int round = 0; round <= rounds; ++round)
    for (StackfulTask* task : tasks) task->resume();
  for (int i = 0; i < count; ++i) {
    EXPECT_TRUE(tasks[static_cast<std::size_t>(i)]->done());
    EXPECT_EQ(sums[static_cast<std::size_t>(i)], rounds * i + 10);
  }
}

TEST_F(Fibers, AreSuspendedInTheMidstOfNestedCalls) {
  StackfulTask* self = nullptr;
  int result = 0;
  StackfulTask& task = make([&] {
    result = call_nested(64, [&] {
      self->suspend();
      return 42;
    });
  });
  self = &task;
  task.resume();
  EXPECT_EQ(result, 0);
  task.resume();
  EXPECT_EQ(result, 42);
}

TEST_F(Fibers, ThrowAndCatchOnTheirOwnStacks) {
  StackfulTask* self = nullptr;
  std::string caught;
  StackfulTask& task = make([&] {
    try {
      self->suspend();
      throw std::runtime_error("on a fiber");
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
  });
  self = &task;
  task.resume();
  EXPECT_THROW(throw std::logic_error("meanwhile"), std::logic_error);
  task.resume();
  EXPECT_EQ(caught, "on a fiber");
}

TEST_F(Fibers, GiveWhatTheyThrewWhenTheyAreAskedForTheirResult) {
  StackfulTask& task = make([] { throw std::runtime_error("on a fiber"); });
  task.resume();
  ASSERT_TRUE(task.done());
  EXPECT_THROW(task.result(), std::runtime_error);
  StackfulTask& quiet = make([] {});
  quiet.resume();
  EXPECT_NO_THROW(quiet.result());
}

TEST_F(Fibers, AreUnwoundWhenTheyAreDroppedInMidCall) {
  const auto kept = std::make_shared<int>(0);
  {
    const Stacks stacks(2);
    StackfulTask dropped, never_resumed;
    const auto body = [&dropped, kept] {
      const std::shared_ptr<int> on_the_stack = kept;
      dropped.suspend();
    };
    dropped.prepare(stacks[0], body);
    never_resumed.prepare(stacks[1], body);
    dropped.resume();
    EXPECT_EQ(kept.use_count(), 5);
  }
  EXPECT_EQ(kept.use_count(), 1);
}

#ifndef NDEBUG
TEST_F(Fibers, AssertThatTheyAreResumedOnlyWhileThereIsSomethingToDo) {
  StackfulTask never_prepared;
  EXPECT_DEATH(never_prepared.resume(), "!done\\(\\)");
  EXPECT_DEATH(never_prepared.suspend(), "outside_");
  StackfulTask& task = make([] {});
  EXPECT_DEATH(task.result(), "done\\(\\)");
  task.resume();
  EXPECT_DEATH(task.resume(), "!done\\(\\)");
}
#endif

TEST_F(Fibers, SwitchAMillionTimes) {
  constexpr int times = 1'000'000;
  StackfulTask* self = nullptr;
  int count = 0;
  StackfulTask& task = make([&] {
    for (; count < times; ++count) self->suspend();
  });
  self = &task;
  while (!task.done()) task.resume();
  EXPECT_EQ(count, times);
}

TEST(NestedCall, OfDepthOneIsTheCallItself) {
  EXPECT_EQ(call_nested(1, [] { return 42; }), 42);
}

std::uintptr_t stack_address() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

TEST(NestedCall, TakesAFrameForEachLevel) {
  const std::uintptr_t one = call_nested(1, [] { return stack_address(); });
  const std::uintptr_t two = call_nested(2, [] { return stack_address(); });
  const std::uintptr_t many = call_nested(66, [] { return stack_address(); });
  EXPECT_LT(two, one);
  EXPECT_GE(two - many, 64 * 16U);  // at the least a return address each, aligned
}

}  // namespace
}  // namespace waitbench
