// How a trial is controlled over sockets: held, opened, released, and what is reported of it.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tests/harness/backend_client.hpp"

namespace waitbench::backend {
namespace {

constexpr std::uint16_t trial = 3;

class TrialTest : public testing::Test {
 protected:
  TrialTest() : controller_(server_.unix()) {
    for (int i = 0; i < 4; ++i) clients_.emplace_back(server_.tcp());
  }

  void watch(std::uint64_t in_flight, std::uint64_t idle_connections = 0) {
    controller_.order({.kind = control::OrderKind::watch,
                       .trial = trial,
                       .in_flight = in_flight,
                       .idle_connections = idle_connections});
  }
  void open(std::uint64_t queries) {
    controller_.order({.kind = control::OrderKind::open, .trial = trial, .queries = queries});
  }
  void order(control::OrderKind kind) { controller_.order({.kind = kind, .trial = trial}); }
  void ask_all() {
    for (std::uint64_t id = 0; id < clients_.size(); ++id) clients_[id].send(query(id));
  }
  // Takes the next reply, from any client, and lets that client ask again.
  void ask_again_when_answered() {
    std::vector<pollfd> sockets;
    for (const Client& client : clients_) sockets.push_back({client.fd(), POLLIN, 0});
    ASSERT_GT(::poll(sockets.data(), sockets.size(), 10'000), 0) << "no reply came";
    const auto is_ready = [](const pollfd& socket) { return socket.revents != 0; };
    const auto ready = std::ranges::find_if(sockets, is_ready) - sockets.begin();
    Client& client = clients_[static_cast<std::size_t>(ready)];
    client.send(query(client.read_reply().header.id));
  }
  static wire::Request query(std::uint64_t id, std::uint64_t delay_ns = 0) {
    return {.trial = trial, .id = id, .delay_ns = delay_ns, .payload_bytes = 10};
  }
  bool in_flight_becomes(std::uint32_t count) {
    return statistics_become(controller_, trial,
                             [count](const control::Report& r) { return r.in_flight == count; });
  }

  RunningServer server_;
  Controller controller_;
  std::vector<Client> clients_;
};

TEST_F(TrialTest, IsHeldUntilItIsOpened) {
  watch(4);
  ask_all();
  const control::Report held = controller_.read_event();
  EXPECT_EQ(held.kind, control::ReportKind::held);
  EXPECT_EQ(held.trial, trial);
  EXPECT_EQ(held.in_flight, 4U);
  EXPECT_EQ(held.answered, 0U);
  for (Client& client : clients_) EXPECT_TRUE(client.has_received_nothing());
  open(4);
  for (std::uint64_t id = 0; id < 4; ++id) EXPECT_TRUE(clients_[id].read_reply().answers(id, 10));
}

TEST_F(TrialTest, AnswersExactlyWhatATurnAllowsAndHoldsAgain) {
  watch(4);
  ask_all();
  ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);
  for (std::uint64_t turn = 1; turn <= 3; ++turn) {
    open(10);
    for (std::uint64_t reply = 0; reply < 10; ++reply) ask_again_when_answered();
    const control::Report held = controller_.read_event();
    ASSERT_EQ(held.kind, control::ReportKind::held);
    EXPECT_EQ(held.answered, 10 * turn);
    EXPECT_EQ(held.peak, 4U);
    EXPECT_EQ(held.in_flight, 4U);
    EXPECT_LE(held.opened_ns, held.exhausted_ns);
    EXPECT_LE(held.exhausted_ns, held.held_ns);
    EXPECT_LE(held.cpu_opened_ns, held.cpu_held_ns);
    EXPECT_GE(held.delay_error_max_ns, 0);
    EXPECT_GE(held.delay_error_sum_ns, held.delay_error_max_ns);
    for (Client& client : clients_) EXPECT_TRUE(client.has_received_nothing());
  }
}

TEST_F(TrialTest, CountsTheDelayOfHeldQueriesFromTheOpening) {
  constexpr std::int64_t delay_ns = 2'000'000;
  watch(1);
  clients_[0].send(query(7, delay_ns));
  ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);
  open(1);
  const wire::ReplyHeader reply = clients_[0].read_reply().header;
  EXPECT_EQ(reply.due_ns, controller_.statistics(trial).opened_ns + delay_ns);
  EXPECT_GE(reply.sent_ns, reply.due_ns);
}

// As by a client that cancels: it is one in flight, at no time two.
TEST_F(TrialTest, LosesAQueryBeforeTheSameClientAsksAnewOnAnotherConnection) {
  constexpr std::uint64_t attempts = 200;
  for (const Address& address : {server_.tcp(), server_.unix()}) {
    watch(1);
    Client first(address);
    first.send(query(0));
    ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);
    open(attempts + 1);
    first.read_reply();
    for (std::uint64_t id = 1; id <= attempts; ++id) {
      Client client(address);
      client.send(query(id, 10'000'000'000));
      client.vanish();
    }
    Client last(address);
    last.send(query(attempts + 1));
    const control::Report held = controller_.read_event();
    EXPECT_EQ(held.kind, control::ReportKind::held);
    EXPECT_EQ(held.peak, 1U);
    EXPECT_EQ(held.answered, 1U);
    EXPECT_EQ(held.lost, attempts) << "what was sent was seen, though it was reset at once";
    order(control::OrderKind::release);
    last.read_reply();
  }
}

TEST_F(TrialTest, IsReportedWhenItHasMoreInFlightThanItSaid) {
  watch(3);
  for (std::uint64_t id = 0; id < 3; ++id) clients_[id].send(query(id));
  ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);
  clients_[3].send(query(3));
  const control::Report overflow = controller_.read_event();
  EXPECT_EQ(overflow.kind, control::ReportKind::overflow);
  EXPECT_EQ(overflow.in_flight, 4U);
}

TEST_F(TrialTest, WaitsForItsIdleConnectionsAndAnswersThemAtTheRelease) {
  watch(1, 3);
  clients_[0].send(query(1));
  for (std::uint64_t id = 1; id < 4; ++id)
    clients_[id].send(
        {.kind = wire::RequestKind::idle, .trial = trial, .id = id, .payload_bytes = 50});
  const control::Report held = controller_.read_event();
  EXPECT_EQ(held.kind, control::ReportKind::held);
  EXPECT_EQ(held.idle_connections, 3U);
  EXPECT_EQ(held.in_flight, 1U);
  open(1);
  clients_[0].read_reply();
  for (std::uint64_t id = 1; id < 4; ++id) EXPECT_TRUE(clients_[id].has_received_nothing());
  order(control::OrderKind::release);
  for (std::uint64_t id = 1; id < 4; ++id) EXPECT_TRUE(clients_[id].read_reply().answers(id, 0));
}

TEST_F(TrialTest, IsReleasedWithoutDelay) {
  watch(4);
  for (std::uint64_t id = 0; id < 4; ++id) clients_[id].send(query(id, wire::max_delay_ns));
  ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);
  order(control::OrderKind::release);
  for (std::uint64_t id = 0; id < 4; ++id) EXPECT_TRUE(clients_[id].read_reply().answers(id, 10));
  EXPECT_TRUE(clients_[0].ask(query(9, wire::max_delay_ns)).answers(9, 10));
}

TEST_F(TrialTest, IsForgottenWhenItsControllerGoesAway) {
  watch(4);
  clients_[0].send(query(1));
  ASSERT_TRUE(in_flight_becomes(1));
  controller_.vanish();
  EXPECT_TRUE(clients_[0].read_reply().answers(1, 10));
  EXPECT_TRUE(clients_[1].ask(query(2)).answers(2, 10));
}

TEST_F(TrialTest, IsReportedToTheConnectionThatGaveTheLastOrder) {
  watch(1);
  Controller successor(server_.unix());
  successor.order({.kind = control::OrderKind::watch, .trial = trial, .in_flight = 1});
  controller_.vanish();
  clients_[0].send(query(1));
  EXPECT_EQ(successor.read_event().kind, control::ReportKind::held);
  EXPECT_TRUE(clients_[0].has_received_nothing());
}

TEST_F(TrialTest, LosesTheQueriesOfAConnectionThatGoesAway) {
  watch(4);
  for (std::uint64_t id = 0; id < 3; ++id) clients_[id].send(query(id));
  ASSERT_TRUE(in_flight_becomes(3));
  clients_[1].vanish();
  ASSERT_TRUE(in_flight_becomes(2));
  EXPECT_EQ(controller_.statistics(trial).lost, 1U);
  Client substitute(server_.tcp());
  substitute.send(query(10));
  clients_[3].send(query(3));
  EXPECT_EQ(controller_.read_event().kind, control::ReportKind::held);
}

TEST_F(TrialTest, IsNeitherHeldNorReportedOnceItIsDismissed) {
  watch(1);
  clients_[0].send(query(1));
  ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);
  clients_[1].send(query(2));
  order(control::OrderKind::dismiss);
  EXPECT_TRUE(clients_[0].read_reply().answers(1, 10));
  EXPECT_TRUE(clients_[1].read_reply().answers(2, 10));
  EXPECT_TRUE(clients_[2].ask(query(3)).answers(3, 10));
}

TEST_F(TrialTest, DoesNotHoldOtherTrials) {
  watch(4);
  clients_[0].send(query(1));
  EXPECT_TRUE(clients_[1].ask({.id = 2}).answers(2, 0));
  EXPECT_TRUE(clients_[2].ask({.trial = trial + 1, .id = 3}).answers(3, 0));
  EXPECT_TRUE(clients_[0].has_received_nothing());
}

// What a guest sends: the next query of a connection carries the end of the last reply.
class GuestTest : public TrialTest {
 protected:
  void ask(Client& client, std::uint64_t carried) {
    client.send({.trial = trial, .id = carried, .payload_bytes = 8, .flags = wire::chained});
  }
  std::uint64_t end_of_reply(Client& client) {
    std::uint64_t end = 0;
    std::memcpy(&end, client.read_reply().payload.data(), sizeof end);
    return end;
  }
  void watch_and_time(std::uint64_t in_flight) {
    controller_.order({.kind = control::OrderKind::watch,
                       .trial = trial,
                       .in_flight = in_flight,
                       .times_cycles = 1});
  }
};

TEST_F(GuestTest, IsReportedWithItsOffenceAndLosesItsConnection) {
  watch(1);
  ask(clients_[0], 17);
  const control::Report report = controller_.read_event();
  EXPECT_EQ(report.kind, control::ReportKind::offence);
  EXPECT_EQ(report.trial, trial);
  EXPECT_EQ(report.offence, Offence::unread_reply);
  EXPECT_TRUE(clients_[0].is_closed_by_server());
}

TEST_F(GuestTest, IsHungUpOn) {
  watch(2);
  ask(clients_[0], 0);
  ask(clients_[1], 0);
  ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);
  order(control::OrderKind::hang_up);
  EXPECT_TRUE(clients_[0].is_closed_by_server());
  EXPECT_TRUE(clients_[1].is_closed_by_server());
  EXPECT_TRUE(in_flight_becomes(0));
}

TEST_F(GuestTest, HasItsCyclesTimedByTheBackend) {
  watch_and_time(1);
  ask(clients_[0], 0);
  ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);
  open(4);
  for (int reply = 0; reply < 4; ++reply) ask(clients_[0], end_of_reply(clients_[0]));
  ASSERT_EQ(controller_.read_event().kind, control::ReportKind::held);

  const auto piece = std::bit_cast<control::CyclesPiece>(
      controller_.order({.kind = control::OrderKind::cycles, .trial = trial}));
  ASSERT_EQ(piece.kind, control::ReportKind::cycles);
  EXPECT_EQ(controller_.read_report().kind, control::ReportKind::done);
  std::uint64_t cycles = 0;
  for (const auto& [index, count] : piece.buckets) cycles += count;
  EXPECT_EQ(cycles, 3U) << "the first reply of a turn ends a cycle that began before";
}

}  // namespace
}  // namespace waitbench::backend
