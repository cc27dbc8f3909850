// The server as its clients see it, over TCP and over a Unix socket.
#include "harness/backend/server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "impls/lib/clock.hpp"
#include "tests/harness/backend_client.hpp"

namespace waitbench::backend {
namespace {

enum class Transport { tcp, unix };

class ServerTest : public testing::TestWithParam<Transport> {
 protected:
  Address address() const { return GetParam() == Transport::tcp ? server_.tcp() : server_.unix(); }
  Client connect() const { return Client(address()); }

  RunningServer server_;
};

INSTANTIATE_TEST_SUITE_P(Over, ServerTest, testing::Values(Transport::tcp, Transport::unix),
                         [](const auto& over) {
                           return over.param == Transport::tcp ? "Tcp" : "Unix";
                         });

TEST_P(ServerTest, AnswersWithThePayloadOfTheId) {
  Client client = connect();
  for (const std::uint32_t bytes : {0U, 1U, 7U, 100U, 1'000U, 65'536U, 1U << 20})
    EXPECT_TRUE(client.ask({.id = bytes + 1, .payload_bytes = bytes}).answers(bytes + 1, bytes));
}

TEST_P(ServerTest, AnswersTheLargestPayload) {
  Client client = connect();
  const std::uint32_t bytes = wire::max_payload_bytes;
  EXPECT_TRUE(client.ask({.id = 3, .payload_bytes = bytes}).answers(3, bytes));
}

TEST_P(ServerTest, AnswersNeverEarly) {
  Client client = connect();
  for (const std::int64_t delay_ns : {0L, 1L, 1'000L, 3'000'000L}) {
    const std::int64_t asked_ns = now_ns();
    const wire::ReplyHeader reply =
        client.ask({.id = 1, .delay_ns = static_cast<std::uint64_t>(delay_ns)}).header;
    EXPECT_GE(reply.received_ns, asked_ns);
    EXPECT_EQ(reply.due_ns, reply.received_ns + delay_ns);
    EXPECT_GE(reply.sent_ns, reply.due_ns);
    EXPECT_GE(now_ns(), reply.sent_ns);
  }
}

TEST_P(ServerTest, AnswersInTheOrderOfTheDeadlines) {
  Client client = connect();
  const std::vector<wire::Request> requests = {
      {.id = 1, .delay_ns = 20'000'000}, {.id = 2, .delay_ns = 5'000'000}, {.id = 3}};
  client.send_bytes(std::as_bytes(std::span(requests)));  // at once, to be read at once
  EXPECT_EQ(client.read_reply().header.id, 3U);
  EXPECT_EQ(client.read_reply().header.id, 2U);
  EXPECT_EQ(client.read_reply().header.id, 1U);
}

TEST_P(ServerTest, AnswersPipelinedQueries) {
  constexpr std::uint64_t count = 500;
  Client client = connect();
  std::vector<wire::Request> requests(count);
  for (std::uint64_t i = 0; i < count; ++i) requests[i] = {.id = i, .payload_bytes = 100};
  client.send_bytes(std::as_bytes(std::span(requests)));
  for (std::uint64_t i = 0; i < count; ++i) ASSERT_TRUE(client.read_reply().answers(i, 100));
}

// A reply that is due at once may be stamped with the time at which its query was received, but not
// once another was sent in between.
TEST_P(ServerTest, StampsEachReplyWithTheTimeAtWhichItIsSent) {
  Client client = connect();
  const wire::Request together[] = {{.id = 1}, {.id = 2}};
  client.send_bytes(std::as_bytes(std::span(together)));
  const wire::ReplyHeader first = client.read_reply().header;
  const wire::ReplyHeader second = client.read_reply().header;
  ASSERT_EQ(first.received_ns, second.received_ns);
  EXPECT_GE(first.sent_ns, first.received_ns);
  EXPECT_GT(second.sent_ns, first.sent_ns);
}

TEST_P(ServerTest, PutsARequestTogetherThatComesInPieces) {
  Client client = connect();
  const std::vector<wire::Request> requests = {{.id = 1}, {.id = 2, .payload_bytes = 9}};
  const auto bytes = std::as_bytes(std::span(requests));
  for (std::size_t i = 0; i < bytes.size(); ++i) client.send_bytes(bytes.subspan(i, 1));
  EXPECT_TRUE(client.read_reply().answers(1, 0));
  EXPECT_TRUE(client.read_reply().answers(2, 9));
}

TEST_P(ServerTest, SendsTheBytesOfAReplyOneByOne) {
  Client client = connect();
  const wire::Request request = {.id = 5, .payload_bytes = 3'000, .flags = wire::single_bytes};
  EXPECT_TRUE(client.ask(request).answers(5, 3'000));
}

TEST_P(ServerTest, ServesOthersBetweenTheBytesOfAReply) {
  Controller controller(address());
  Client slow = connect();
  Client other = connect();
  controller.order({.kind = control::OrderKind::watch, .trial = 4, .in_flight = 3});
  slow.send({.trial = 4, .id = 1, .payload_bytes = 1'000, .flags = wire::single_bytes});
  slow.send({.trial = 4, .id = 2});
  ASSERT_TRUE(statistics_become(controller, 4, [](const auto& r) { return r.in_flight == 2; }));
  other.send({.trial = 4, .id = 3});
  ASSERT_EQ(controller.read_event().kind, control::ReportKind::held);
  controller.order({.kind = control::OrderKind::open, .trial = 4, .queries = 3});
  EXPECT_TRUE(slow.read_reply().answers(1, 1'000));
  const Reply after_slow = slow.read_reply();
  EXPECT_LT(other.read_reply().header.sent_ns, after_slow.header.sent_ns);
}

TEST_P(ServerTest, GivesAHalfClosedPeerItsRepliesAndThenCloses) {
  Client client = connect();
  client.send({.id = 1, .delay_ns = 5'000'000, .payload_bytes = 200'000});
  client.send({.id = 2});
  client.end_sending();
  EXPECT_TRUE(client.read_reply().answers(2, 0));
  EXPECT_TRUE(client.read_reply().answers(1, 200'000));
  EXPECT_TRUE(client.is_closed_by_server());
}

// The kernel reports the request and the end of the stream once, together.
TEST(Server, SeesTheEndOfAStreamThatHadEndedWhenItWasAccepted) {
  Server server(delay_protocol, {.unix_name = "waitbench-test-ended-" + std::to_string(getpid())});
  Client over_tcp(server.tcp_address());
  Client over_unix(unix_address(server.unix_name()));
  for (Client* const client : {&over_tcp, &over_unix}) {
    client->send({.id = 1});
    client->end_sending();
  }
  std::thread running([&] { server.run(); });
  for (Client* const client : {&over_tcp, &over_unix}) {
    EXPECT_TRUE(client->read_reply().answers(1, 0));
    EXPECT_TRUE(client->is_closed_by_server());
  }
  server.request_stop();
  running.join();
}

TEST_P(ServerTest, SleepsWhileAHalfClosedPeerWaits) {
  Client client = connect();
  client.ask({.id = 1});
  client.send({.id = 1, .delay_ns = wire::max_delay_ns});
  client.end_sending();
  EXPECT_TRUE(server_.falls_asleep());
  EXPECT_TRUE(client.has_received_nothing());
}

TEST_P(ServerTest, ClosesAHalfClosedConnectionThatIsOwedNothing) {
  Client client = connect();
  client.end_sending();
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_P(ServerTest, CountsWhatItServes) {
  Client client = connect();
  Controller controller(address());
  const control::Report before = controller.statistics();
  for (std::uint64_t id = 1; id <= 5; ++id) client.ask({.trial = 9, .id = id});
  Controller another(address());
  const control::Report after = another.statistics(9);
  EXPECT_EQ(after.kind, control::ReportKind::statistics);
  EXPECT_EQ(after.trial, 9U);
  EXPECT_EQ(after.answered, 5U);
  EXPECT_EQ(after.in_flight, 0U);
  EXPECT_EQ(after.served - before.served, 5U);
  EXPECT_EQ(after.accepted - before.accepted, 1U);
  EXPECT_GE(after.cpu_held_ns, before.cpu_held_ns);
  EXPECT_EQ(control::workload_of(after), "delay");
}

TEST_P(ServerTest, ServesTcpAndUnixAtOnce) {
  Client over_tcp(server_.tcp());
  Client over_unix(server_.unix());
  EXPECT_TRUE(over_tcp.ask({.id = 1}).answers(1, 0));
  EXPECT_TRUE(over_unix.ask({.id = 2}).answers(2, 0));
}

}  // namespace
}  // namespace waitbench::backend
