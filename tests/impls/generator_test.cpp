// What is C++'s own of the generator: its values and its frame. What it shares with
// Python's is in generator_semantics_test.cpp.
#include "impls/lib/generator.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/impls/stack_extent.hpp"

namespace waitbench {
namespace {

using Numbers = Generator<int, int>;

// What a generator yields when each value is sent back to it, tenfold.
template <class G>
std::vector<int> drive(G& generator) {
  std::vector<int> yielded;
  for (const int* value = generator.next(); value != nullptr; value = generator.send(10 * *value))
    yielded.push_back(*value);
  return yielded;
}

Numbers count_to(int end) {
  for (int i = 1; i <= end; ++i) co_yield i;
}

Generator<int, int, std::vector<int>> collect(int count) {
  std::vector<int> received;
  for (int i = 1; i <= count; ++i) received.push_back(co_yield i);
  co_return received;
}

TEST(Generator, DoesNothingBeforeItIsDriven) {
  bool begun = false;
  const auto body = [](bool& flag) -> Numbers {
    flag = true;
    co_return;
  };
  {
    const Numbers generator = body(begun);
    EXPECT_FALSE(begun);
  }
  Numbers generator = body(begun);
  EXPECT_EQ(generator.next(), nullptr);
  EXPECT_TRUE(begun);
  EXPECT_TRUE(generator.done());
}

TEST(Generator, NextSendsAValueMadeOfNothing) {
  auto generator = collect(2);
  while (generator.next() != nullptr) {
  }
  EXPECT_EQ(generator.result(), (std::vector{0, 0}));
}

TEST(Generator, CarriesWhatCanOnlyBeMoved) {
  using Box = std::unique_ptr<int>;
  const auto body = []() -> Generator<Box, Box, Box> {
    Box got = co_yield std::make_unique<int>(1);
    co_return std::make_unique<int>(*got + 1);
  };
  auto generator = body();
  EXPECT_EQ(**generator.next(), 1);
  EXPECT_EQ(generator.send(std::make_unique<int>(41)), nullptr);
  EXPECT_EQ(*generator.result(), 42);
}

TEST(Generator, GoesOnWhereItStoodWhenItIsMoved) {
  Numbers first = count_to(3);
  first.next();
  Numbers second = std::move(first);
  EXPECT_EQ(*second.next(), 2);
}

TEST(Generator, MisusedThrowsALogicError) {
  Numbers generator = count_to(1);
  EXPECT_THROW(generator.send(1), std::logic_error);
}

TEST(Generator, HasNoResultBeforeItsEnd) {
  auto generator = collect(1);
  EXPECT_THROW(generator.result(), GeneratorMisuse);
  generator.next();
  EXPECT_THROW(generator.result(), GeneratorMisuse);
  generator.next();
  EXPECT_EQ(generator.result(), (std::vector{0}));
}

TEST(Generator, HasNoResultWhenItWasClosed) {
  auto generator = collect(1);
  generator.close();
  EXPECT_TRUE(generator.done());
  EXPECT_THROW(generator.result(), std::bad_optional_access);
}

TEST(Generator, IsThrownWhatAnotherPlaceCaught) {
  const auto body = []() -> Generator<int, int, std::string> {
    try {
      co_yield 1;
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "";
  };
  auto generator = body();
  generator.next();
  try {
    throw std::runtime_error("from elsewhere");
  } catch (...) {
    EXPECT_EQ(generator.throw_in(std::current_exception()), nullptr);
  }
  EXPECT_EQ(generator.result(), "from elsewhere");
}

TEST(Generator, CleansUpWhenItIsDroppedHalfway) {
  const auto watched = std::make_shared<int>(0);
  const auto body = [](std::shared_ptr<int> kept) -> Numbers {
    co_yield 1;
    *kept = 1;
  };
  {
    Numbers generator = body(watched);
    generator.next();
    EXPECT_EQ(watched.use_count(), 2);
  }
  EXPECT_EQ(watched.use_count(), 1);
  EXPECT_EQ(*watched, 0);
}

TEST(Delegation, GivesResultsOfAnyType) {
  const auto parent = []() -> Generator<int, int, int> {
    const std::vector<int> received = co_yield from(collect(2));
    co_return received[0] + received[1];
  };
  auto generator = parent();
  EXPECT_EQ(drive(generator), (std::vector{1, 2}));
  EXPECT_EQ(generator.result(), 10 + 20);
}

TEST(Delegation, ToOneThatHasEndedIsRefusedWhereItIs) {
  const auto parent = []() -> Generator<int, int, std::string> {
    Numbers ended = count_to(0);
    ended.next();
    try {
      co_yield from(std::move(ended));
    } catch (const GeneratorMisuse& misuse) {
      co_return misuse.what();
    }
    co_return "";
  };
  auto generator = parent();
  EXPECT_EQ(generator.next(), nullptr);
  EXPECT_EQ(generator.result(), "a generator was resumed after its end");
}

template <class T>
struct Counter {
  Generator<T, T, T> once(T value) { co_return co_yield value; }
  Generator<T, T, T> twice() {
    const T first = co_await from(once(1));
    const T second = co_await from(once(2));
    co_return first + second;
  }
};

TEST(Delegation, IsAwaitedInAClassTemplate) {
  Counter<int> counter;
  auto generator = counter.twice();
  EXPECT_EQ(drive(generator), (std::vector{1, 2}));
  EXPECT_EQ(generator.result(), 10 + 20);
}

// Its leaf's sum, and one for each level.
Generator<int, int, int> nest(int depth) {
  if (depth == 1) {
    int sum = 0;
    for (int i = 1; i <= 3; ++i) sum += co_yield i;
    co_return sum;
  }
  co_return 1 + (co_yield from(nest(depth - 1)));
}

TEST(Delegation, WorksThroughSixtyFourLevels) {
  auto generator = nest(64);
  EXPECT_EQ(drive(generator), (std::vector{1, 2, 3}));
  EXPECT_EQ(generator.result(), 10 + 20 + 30 + 63);
}

TEST(Delegation, OneAfterAnotherAMillionTimesDoesNotGrowTheStack) {
  constexpr std::int64_t times = 1'000'000;
  StackExtent stack;
  const auto child = [&](bool speaks) -> Generator<int, int, int> {
    stack.note();
    if (speaks) co_yield 1;
    co_return 1;
  };
  const auto parent = [&]() -> Generator<int, int, std::int64_t> {
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < times; ++i) {
      const int one = co_yield from(child(i % 1000 == 0));
      sum += one;
    }
    co_return sum;
  };
  auto generator = parent();
  std::int64_t yields = 0;
  for ([[maybe_unused]] const int value : generator) ++yields;
  EXPECT_EQ(yields, times / 1000);
  EXPECT_EQ(generator.result(), times);
  EXPECT_LT(stack.bytes(), few_calls_bytes);
}

#ifndef NDEBUG
TEST(GeneratorDeathTest, AssertsThatOneThatWasMovedFromIsNotUsed) {
  const auto numbers = []() -> Generator<int> { co_yield 1; };
  Generator<int> generator = numbers();
  Generator<int> taken = std::move(generator);
  EXPECT_DEATH(generator.next(), "frame_");
  EXPECT_DEATH(generator.send({}), "frame_");
  EXPECT_DEATH(generator.throw_in(1), "frame_");
  EXPECT_DEATH(generator.close(), "frame_");
  EXPECT_DEATH(generator.done(), "frame_");
  EXPECT_DEATH(generator.result(), "frame_");
  const auto parent = [](Generator<int> child) -> Generator<int> {
    co_yield from(std::move(child));
  };
  EXPECT_DEATH(parent(std::move(generator)).next(), "frame_");
  EXPECT_EQ(*taken.next(), 1);
}
#endif

}  // namespace
}  // namespace waitbench
