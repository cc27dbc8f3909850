// Chained queries: who has not read a reply to its end cannot ask again.
#include "harness/workloads/delay/chain.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <span>
#include <vector>

#include "harness/workloads/delay/protocol.hpp"
#include "harness/workloads/delay/wire.hpp"

namespace waitbench {
namespace {

constexpr std::uint64_t mean_ns = 1000;

wire::Request chained_query(std::uint64_t carried, std::uint32_t payload_bytes = 16) {
  return {.trial = 3,
          .id = carried,
          .delay_ns = mean_ns,
          .payload_bytes = payload_bytes,
          .flags = wire::chained | wire::exponential_delay};
}

ReadRequest read(const wire::Request& request, Peer& peer, PendingReply& reply) {
  return delay_protocol.read_request(std::as_bytes(std::span(&request, 1)), peer, reply);
}

// The reply, made in pieces of so many bytes.
std::vector<std::byte> written(const PendingReply& reply, std::size_t piece) {
  std::vector<std::byte> bytes(reply.reply_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    delay_protocol.write_reply(reply, 7, at,
                               std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
  return bytes;
}

std::uint64_t end_of(const std::vector<std::byte>& bytes) {
  std::uint64_t end = 0;
  std::memcpy(&end, bytes.data() + bytes.size() - sizeof end, sizeof end);
  return end;
}

TEST(ChainedQuery, GoesOnWithTheEndOfEachReply) {
  Peer peer;
  std::uint64_t carried = 0;
  for (int i = 0; i < 100; ++i) {
    PendingReply reply;
    const auto [bytes, offence] = read(chained_query(carried), peer, reply);
    ASSERT_EQ(offence, Offence::none) << i;
    EXPECT_EQ(bytes, sizeof(wire::Request));
    EXPECT_EQ(reply.trial, 3);
    carried = end_of(written(reply, reply.reply_bytes));
  }
}

TEST(ChainedQuery, WithoutTheEndOfTheReplyBeforeIsAnOffenceOfItsTrial) {
  Peer peer;
  PendingReply first, second;
  ASSERT_EQ(read(chained_query(0), peer, first).offence, Offence::none);
  EXPECT_EQ(read(chained_query(0), peer, second).offence, Offence::unread_reply);
  EXPECT_EQ(second.trial, 3);
  Peer other;
  EXPECT_EQ(read(chained_query(1), other, second).offence, Offence::unread_reply)
      << "the first carries nothing";
}

TEST(ChainedQuery, BeforeItsReplyIsAnOffence) {
  Peer peer;
  PendingReply first, second;
  ASSERT_EQ(read(chained_query(0), peer, first).offence, Offence::none);
  peer.unanswered = 1;
  const std::uint64_t end = end_of(written(first, first.reply_bytes));
  EXPECT_EQ(read(chained_query(end), peer, second).offence, Offence::asked_again);
}

TEST(ChainedReply, EndsAlikeInWhateverPiecesItIsMadeAndHoweverShortItIs) {
  for (const std::uint32_t payload : {0U, 1U, 7U, 8U, 64U, 1000U}) {
    Peer peer;
    PendingReply reply;
    ASSERT_EQ(read(chained_query(0, payload), peer, reply).offence, Offence::none);
    const std::vector<std::byte> whole = written(reply, reply.reply_bytes);
    EXPECT_EQ(whole.size(), sizeof(wire::ReplyHeader) + payload);
    EXPECT_EQ(end_of(whole), peer.chain);
    for (const std::size_t piece : {1U, 3U, 8U, 41U}) EXPECT_EQ(written(reply, piece), whole);
  }
}

TEST(ChainedReply, GivesNothingAwayOfItsEndBefore) {
  Peer peer;
  PendingReply reply;
  ASSERT_EQ(read(chained_query(0, 64), peer, reply).offence, Offence::none);
  const std::vector<std::byte> whole = written(reply, reply.reply_bytes);
  for (std::size_t at = 0; at + 16 <= whole.size(); ++at) {
    std::uint64_t word = 0;
    std::memcpy(&word, whole.data() + at, sizeof word);
    EXPECT_NE(word, peer.chain) << at;
  }
}

TEST(ChainedQuery, HasADelayThatTheBackendDraws) {
  Peer peer;
  std::set<std::int64_t> delays;
  double sum_ns = 0;
  constexpr int queries = 4000;
  for (int i = 0; i < queries; ++i) {
    PendingReply reply;
    ASSERT_EQ(read(chained_query(peer.chain), peer, reply).offence, Offence::none);
    delays.insert(reply.delay_ns);
    sum_ns += static_cast<double>(reply.delay_ns);
  }
  EXPECT_GT(delays.size(), 500U);
  EXPECT_NEAR(sum_ns / queries, mean_ns, 0.1 * mean_ns);
}

TEST(Tokens, AreAllDifferent) {
  std::set<std::uint64_t> tokens;
  for (int i = 0; i < 10'000; ++i) tokens.insert(draw_token());
  EXPECT_EQ(tokens.size(), 10'000U);
}

TEST(Offences, AreDescribedAndWhatIsNoneIsNot) {
  for (const Offence offence : {Offence::no_request, Offence::many_at_once, Offence::mixed_trials,
                                Offence::unread_reply, Offence::asked_again})
    EXPECT_TRUE(describe(offence).starts_with("it ")) << describe(offence);
  EXPECT_TRUE(describe(Offence::none).empty());
  EXPECT_TRUE(describe(static_cast<Offence>(99)).empty());
}

}  // namespace
}  // namespace waitbench
