// The generator as a range of what it yields.
#include <gtest/gtest.h>

#include <ranges>
#include <vector>

#include "impls/lib/generator.hpp"

namespace waitbench {
namespace {

using Numbers = Generator<int, int>;

Numbers count_to(int end) {
  for (int i = 1; i <= end; ++i) co_yield i;
}

static_assert(std::ranges::input_range<Numbers>);

TEST(GeneratorRange, IsWhatIsYielded) {
  std::vector<int> yielded;
  for (const int value : count_to(3)) yielded.push_back(value);
  EXPECT_EQ(yielded, (std::vector{1, 2, 3}));
}

TEST(GeneratorRange, OfOneBegunIsTheRest) {
  Numbers generator = count_to(3);
  generator.next();
  std::vector<int> yielded;
  for (const int value : generator) yielded.push_back(value);
  EXPECT_EQ(yielded, (std::vector{2, 3}));
}

TEST(GeneratorRange, OfOneThatHasEndedIsEmpty) {
  Numbers generator = count_to(0);
  generator.next();
  for (const int value : generator) ADD_FAILURE() << value;
}

TEST(GeneratorRange, FeedsViews) {
  const auto naturals = []() -> Generator<int> {
    for (int i = 1;; ++i) co_yield i;
  };
  std::vector<int> squares;
  for (const int square : naturals() | std::views::transform([](int i) { return i * i; }) |
                              std::views::take_while([](int i) { return i < 20; }))
    squares.push_back(square);
  EXPECT_EQ(squares, (std::vector{1, 4, 9, 16}));
}

}  // namespace
}  // namespace waitbench
