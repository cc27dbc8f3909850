// A deadline whose clocks are numbers: the time of day, and the CPU time of this thread.
#include "harness/os/deadline.hpp"

#include <gtest/gtest.h>

namespace waitbench {
namespace {

constexpr std::int64_t limit_ns = 10 * ns_per_s;
constexpr std::int64_t step_ns = 20 * ns_per_ms;

TEST(Deadline, PassesAfterItsLimit) {
  Deadline deadline(limit_ns, 0, 0);
  for (std::int64_t now = 0; now < limit_ns; now += step_ns)
    ASSERT_FALSE(deadline.has_passed(now, 0)) << now;
  EXPECT_TRUE(deadline.has_passed(limit_ns, 0));
  EXPECT_EQ(deadline.stopped_ns(), 0);
}

TEST(Deadline, IsLaterByTheTimeInWhichThisProcessWasStopped) {
  Deadline deadline(limit_ns, 0, 0);
  EXPECT_FALSE(deadline.has_passed(step_ns, 0));
  EXPECT_FALSE(deadline.has_passed(step_ns + 25 * ns_per_s, 0)) << "it was stopped for 25 s";
  EXPECT_EQ(deadline.stopped_ns(), 25 * ns_per_s);
  for (std::int64_t now = 25 * ns_per_s + step_ns; now < 25 * ns_per_s + limit_ns; now += step_ns)
    ASSERT_FALSE(deadline.has_passed(now, 0)) << now;
  EXPECT_TRUE(deadline.has_passed(25 * ns_per_s + limit_ns, 0));
}

TEST(Deadline, CountsTimeInWhichThisProcessWasBusy) {
  Deadline deadline(limit_ns, 0, 0);
  EXPECT_TRUE(deadline.has_passed(limit_ns, limit_ns));
  EXPECT_EQ(deadline.stopped_ns(), 0);
}

}  // namespace
}  // namespace waitbench
