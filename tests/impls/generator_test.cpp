// The generator against what PEP 342 and PEP 380 say of Python's.
#include "impls/lib/generator.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

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

TEST(Generator, YieldsOneValueAfterAnother) {
  Numbers generator = count_to(3);
  EXPECT_EQ(*generator.next(), 1);
  EXPECT_EQ(*generator.next(), 2);
  EXPECT_FALSE(generator.done());
  EXPECT_EQ(*generator.next(), 3);
  EXPECT_EQ(generator.next(), nullptr);
  EXPECT_TRUE(generator.done());
}

Generator<int, int, std::vector<int>> collect(int count) {
  std::vector<int> received;
  for (int i = 1; i <= count; ++i) received.push_back(co_yield i);
  co_return received;
}

TEST(Generator, GetsWhatItIsSentAsTheValueOfItsYield) {
  auto generator = collect(3);
  EXPECT_EQ(drive(generator), (std::vector{1, 2, 3}));
  EXPECT_EQ(generator.result(), (std::vector{10, 20, 30}));
}

TEST(Generator, NextSendsNothing) {
  auto generator = collect(2);
  while (generator.next() != nullptr) {
  }
  EXPECT_EQ(generator.result(), (std::vector{0, 0}));
}

TEST(Generator, ThrowsToItsDriverWhatItDoesNotCatch) {
  const auto body = []() -> Numbers {
    co_yield 1;
    throw std::runtime_error("enough");
  };
  Numbers generator = body();
  EXPECT_EQ(*generator.next(), 1);
  EXPECT_THROW(generator.next(), std::runtime_error);
  EXPECT_TRUE(generator.done());
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

TEST(Delegation, PassesValuesBothWaysAndReturnsTheChildsResult) {
  const auto parent = []() -> Generator<int, int, int> {
    const int before = co_yield 7;
    const std::vector<int> received = co_yield from(collect(2));
    const int after = co_yield 8;
    co_return before + received[0] + received[1] + after;
  };
  auto generator = parent();
  EXPECT_EQ(drive(generator), (std::vector{7, 1, 2, 8}));
  EXPECT_EQ(generator.result(), 70 + 10 + 20 + 80);
}

TEST(Delegation, ToAChildThatYieldsNothingGoesOnAtOnce) {
  const auto silent = []() -> Generator<int, int, std::string> { co_return "nothing to say"; };
  const auto parent = [&]() -> Generator<int, int, std::string> {
    co_return co_yield from(silent());
  };
  auto generator = parent();
  EXPECT_EQ(generator.next(), nullptr);
  EXPECT_EQ(generator.result(), "nothing to say");
}

TEST(Delegation, AChildsExceptionIsThrownWhereItWasDelegatedTo) {
  const auto child = []() -> Numbers {
    co_yield 1;
    throw std::runtime_error("from the child");
  };
  const auto parent = [&]() -> Generator<int, int, std::string> {
    std::string caught;
    try {
      co_yield from(child());
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    co_yield 2;
    co_return caught;
  };
  auto generator = parent();
  EXPECT_EQ(drive(generator), (std::vector{1, 2}));
  EXPECT_EQ(generator.result(), "from the child");
}

TEST(Delegation, AnExceptionThatNobodyCatchesPassesThroughAllToTheDriver) {
  const auto child = []() -> Numbers {
    co_yield 1;
    throw std::runtime_error("from the child");
  };
  const auto middle = [&]() -> Numbers { co_yield from(child()); };
  const auto parent = [&]() -> Numbers { co_yield from(middle()); };
  Numbers generator = parent();
  EXPECT_EQ(*generator.next(), 1);
  EXPECT_THROW(generator.next(), std::runtime_error);
}

TEST(Delegation, DroppedHalfwayCleansUpAllLevels) {
  const auto watched = std::make_shared<int>(0);
  const auto child = [](std::shared_ptr<int>) -> Numbers { co_yield 1; };
  const auto parent = [&](std::shared_ptr<int> kept) -> Numbers { co_yield from(child(kept)); };
  {
    Numbers generator = parent(watched);
    generator.next();
    EXPECT_EQ(watched.use_count(), 3);
  }
  EXPECT_EQ(watched.use_count(), 1);
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
  const auto child = [](bool speaks) -> Generator<int, int, int> {
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
  int yields = 0;
  for (const int* value = generator.next(); value != nullptr; value = generator.send(1)) ++yields;
  EXPECT_EQ(yields, times / 1000);
  EXPECT_EQ(generator.result(), times);
}

}  // namespace
}  // namespace waitbench
