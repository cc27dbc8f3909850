// A client of the http workload: whatever arrives, in whatever pieces, only the reply that was
// asked for is taken for it.
#include "harness/workloads/http/client.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/harness/client_bench.hpp"

namespace waitbench {
namespace {

using Progress = QueryClient::Progress;

constexpr std::uint32_t payload_bytes = 5000;

ClientConfig config_of(Framing framing) {
  return {.cell = {.workload = "http", .reply_bytes = payload_bytes, .framing = framing},
          .trial = 7,
          .check_every_byte = true};
}

std::string reply_to(const std::string& asked) {
  const auto request = http::read_request(asked);
  EXPECT_TRUE(request) << asked;
  const http::Reply reply = {.id = request->id,
                             .payload_bytes = request->payload_bytes,
                             .framing = request->framing,
                             .received_ns = 10,
                             .due_ns = 20,
                             .sent_ns = 30};
  std::vector<std::byte> bytes(http::reply_bytes(reply));
  http::write_reply(reply, 0, bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(HttpClient, TakesTheReplyInPiecesOfAnySize) {
  for (const Framing framing : {Framing::length, Framing::chunked}) {
    ClientBench<HttpClient> bench(config_of(framing));
    for (const std::size_t piece : {1U, 2U, 100U, 4096U, 1U << 20}) {
      ASSERT_EQ(bench.deliver(reply_to(bench.ask()), piece), Progress::complete)
          << piece << ": " << bench.ledger().failure();
      EXPECT_EQ(bench.last_record().answers, 1U);
      EXPECT_EQ(bench.last_record().received_ns, 10);
      EXPECT_EQ(bench.last_record().due_ns, 20);
      EXPECT_EQ(bench.last_record().sent_ns, 30);
    }
  }
}

TEST(HttpClient, TakesAnEmptyReplyInPiecesOfAnySize) {
  for (const Framing framing : {Framing::length, Framing::chunked}) {
    ClientConfig config = config_of(framing);
    config.cell.reply_bytes = 0;
    ClientBench<HttpClient> bench(config);
    for (const std::size_t piece : {1U, 2U, 3U, 1U << 20})
      ASSERT_EQ(bench.deliver(reply_to(bench.ask()), piece), Progress::complete) << piece;
  }
}

TEST(HttpClient, NeverTakesPartOfAReplyForTheWhole) {
  for (const Framing framing : {Framing::length, Framing::chunked}) {
    ClientBench<HttpClient> bench(config_of(framing));
    const std::string reply = reply_to(bench.ask());
    EXPECT_EQ(bench.deliver(reply.substr(0, reply.size() - 1)), Progress::incomplete);
    EXPECT_EQ(bench.last_record().answers, 0U);
  }
}

struct WrongReply {
  const char* what;
  std::string (*spoil)(std::string reply);
  const char* reason;
};

class WrongHttpReply : public testing::TestWithParam<WrongReply> {};

TEST_P(WrongHttpReply, LosesTheTrialWithTheReason) {
  for (const std::size_t piece : {1U, 1U << 20}) {
    ClientBench<HttpClient> bench(config_of(Framing::length));
    EXPECT_EQ(bench.deliver(GetParam().spoil(reply_to(bench.ask())), piece), Progress::wrong);
    EXPECT_NE(bench.ledger().failure().find(GetParam().reason), std::string::npos)
        << bench.ledger().failure();
    EXPECT_EQ(bench.last_record().answers, 0U);
  }
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, what.size(), with);
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongHttpReply,
    testing::Values(
        WrongReply{"SpoiltByte", [](std::string reply) { return reply.back() ^= 1, reply; },
                   "wrong payload"},
        WrongReply{
            "TooShort",
            [](std::string reply) { return replaced(reply, "Length: 5000", "Length: 4992"); },
            "the reply carries 4992 bytes, asked were 5000"},
        WrongReply{
            "TooLong",
            [](std::string reply) { return replaced(reply, "Length: 5000", "Length: 5001") + "x"; },
            "wrong payload"},
        WrongReply{"NotFound",
                   [](std::string) {
                     return std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                   },
                   "the server answered 404 Not Found"},
        WrongReply{"NoHttp", [](std::string) { return std::string("hello, world\r\n\r\n"); },
                   "the reply is no HTTP"}),
    [](const auto& info) { return std::string(info.param.what); });

}  // namespace
}  // namespace waitbench
