// An idle connection's conversation: it sends one request, and waits until its trial ends.
#include "harness/workloads/idle_conversation.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/delay/workload.hpp"

namespace waitbench {
namespace {

TEST(IdleConversation, AsksAsTheDelayWorkloadDoesAndWaits) {
  Ledger ledger = Ledger::create(1);
  const ClientConfig config{.cell = {.in_flight = 1, .idle = 1}, .trial = 5};
  const Address address;
  const auto conversations =
      delay_workload.make_conversations({.config = config, .ledger = ledger, .backend = address});
  ASSERT_EQ(conversations->all().size(), 2U);
  Conversation& idle = *conversations->all().front();
  EXPECT_EQ(idle.resume(0).kind, StepKind::connect);
  const Step write = idle.resume(0);
  ASSERT_EQ(write.kind, StepKind::write);
  wire::Request request;
  ASSERT_EQ(write.size, sizeof request);
  std::memcpy(&request, write.data(), sizeof request);
  EXPECT_EQ(request.kind, wire::RequestKind::idle);
  EXPECT_EQ(request.trial, 5);
  EXPECT_EQ(idle.resume(sizeof request).kind, StepKind::read);
  EXPECT_EQ(idle.resume(sizeof(wire::ReplyHeader)).kind, StepKind::close);
  EXPECT_EQ(idle.resume(0).kind, StepKind::done);
  EXPECT_EQ(ledger.next_id(), 1U) << "it is no query";
}

TEST(IdleConversation, ReportsThatItWasLost) {
  Ledger ledger = Ledger::create(1);
  const Address address;
  IdleConversation idle(ledger, address, {});
  idle.resume(0);
  EXPECT_EQ(idle.resume(-ECONNREFUSED).kind, StepKind::close);
  EXPECT_EQ(idle.resume(0).kind, StepKind::done);
  EXPECT_EQ(ledger.failure(), "an idle connection was lost: Connection refused");
}

}  // namespace
}  // namespace waitbench
