// The no-op: the conversations without the I/O, but for one query in each batch.
#include "harness/workloads/delay/no_op.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "harness/trial/participant.hpp"
#include "impls/lib/clock.hpp"
#include "tests/harness/backend_client.hpp"

namespace waitbench {
namespace {

TEST(NoOp, AnswersItsQueriesItselfAndAsksTheBackendOncePerBatch) {
  backend::RunningServer server;
  backend::Controller observer(server.unix());
  Ledger ledger = Ledger::create(1000);
  const ClientConfig config{.cell = {.in_flight = 4, .delay_us = 0, .reply_bytes = 100}};
  const Address address = server.unix();
  constexpr std::size_t batch = 100;
  {
    const auto model =
        make_no_op({.config = config, .ledger = ledger, .backend = address, .batch = batch});
    std::jthread trial([&] { model->run(); });
    const std::int64_t end_ns = now_ns() + 10 * ns_per_s;
    while (ledger.next_id() < 20 * batch && !ledger.failed() && now_ns() < end_ns)
      std::this_thread::yield();
    ledger.request_stop();
  }
  EXPECT_EQ(ledger.failure(), "");
  const std::uint64_t queries = ledger.next_id() - 1;
  EXPECT_GE(queries, 20 * batch - 1);
  const std::uint64_t asked = observer.statistics().served;
  EXPECT_NEAR(static_cast<double>(asked), static_cast<double>(queries) / batch, 1.0);
  for (std::uint64_t id = queries - 500; id <= queries; ++id)
    ASSERT_EQ(ledger.record(id).answers, 1U) << id;
}

TEST(NoOp, RefusesCellsThatItCannotStandFor) {
  const std::vector<Participant> participants = all_participants();
  const Participant& no_op = *find_participant(participants, "no-op");
  EXPECT_TRUE(no_op.eligible({}));
  EXPECT_FALSE(no_op.eligible({.reply_bytes = 1 << 20}));
  EXPECT_FALSE(no_op.eligible({.connections = Connections::fresh}));
  EXPECT_FALSE(no_op.eligible({.idle = 1}));
}

}  // namespace
}  // namespace waitbench
