// What a step holds, and that it is not asked for what its kind does not have.
#include <gtest/gtest.h>

#include "impls/conversation.hpp"

namespace waitbench {
namespace {

TEST(Step, HoldsWhatItsKindIsAbout) {
  std::byte buffer[8];
  const Address address = unix_address("somewhere");
  EXPECT_EQ(Step::read(buffer, 8).data(), buffer);
  EXPECT_EQ(Step::read(buffer, 8).size, 8U);
  EXPECT_EQ(Step::write(buffer, 3).data(), buffer);
  EXPECT_EQ(Step::write(buffer, 3).size, 3U);
  EXPECT_EQ(Step::sleep(17).deadline_ns(), 17);
  EXPECT_EQ(&Step::connect(address).address(), &address);
  EXPECT_EQ(Step::ready(3, Direction::write).descriptor(), 3);
  EXPECT_EQ(Step::ready(3, Direction::write).direction(), Direction::write);
  EXPECT_EQ(Step::ready(3, Direction::read).direction(), Direction::read);
  EXPECT_EQ(Step().kind, StepKind::done);
}

#ifndef NDEBUG
TEST(StepDeathTest, AssertsThatItsKindHasWhatItIsAskedFor) {
  const Address address;
  EXPECT_DEATH(Step::sleep(17).data(), "kind == StepKind::read");
  EXPECT_DEATH(Step::close().data(), "kind == StepKind::read");
  EXPECT_DEATH(Step::read(nullptr, 8).deadline_ns(), "kind == StepKind::sleep");
  EXPECT_DEATH(Step::read(nullptr, 8).address(), "kind == StepKind::connect");
  EXPECT_DEATH(Step::connect(address).deadline_ns(), "kind == StepKind::sleep");
  EXPECT_DEATH(Step::forget().descriptor(), "kind == StepKind::ready");
}
#endif

}  // namespace
}  // namespace waitbench
