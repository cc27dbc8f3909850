// What the memory pass enters when a cell cannot be measured. The pass itself, on real models, is
// tested in tests/conformance/memory_test.cpp.
#include "harness/run/memory_pass.hpp"

#include <gtest/gtest.h>

#include "tests/harness/mock_executor.hpp"

namespace waitbench {
namespace {

TEST(MemoryPass, SkipsACellWhoseTransportTheBackendElsewhereIsNotReachedOver) {
  const std::vector<Participant> participants = all_participants();
  CellPlan plan{.pass = Pass::memory,
                .purpose = "memory",
                .cell = {.transport = Transport::unix, .in_flight = 64},
                .entries = {},
                .rounds = 1};
  plan.entries.push_back({find_participant(participants, "callback-epoll")});
  MockPlay play;
  PassOptions options = mock_options(play);
  options.placement.backend = "127.0.0.1:80";
  const std::vector<MemoryResult> results = measure_memory(plan, options);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].status, Status::skipped);
  EXPECT_EQ(results[0].reason, "the backend at 127.0.0.1:80 is not reached over this transport");
  EXPECT_TRUE(play.steps.empty()) << "no trial was started";
}

}  // namespace
}  // namespace waitbench
