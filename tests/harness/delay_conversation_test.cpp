// The delay query's client and conversation, driven by a config: whatever the sizes of reads and
// writes, each reply is checked and entered once, and whatever is wrong with one is named.
#include "harness/workloads/delay/conversation.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>

#include "harness/os/random.hpp"
#include "harness/workloads/delay/workload.hpp"
#include "impls/lib/clock.hpp"
#include "tests/harness/scripted_replies.hpp"

namespace waitbench {
namespace {

constexpr std::size_t everything = 1 << 24;

TEST(DelayConversation, AsksWhatItsConfigSays) {
  ScriptedTalk talk({.delay_us = 50, .delay_shape = DelayShape::constant, .reply_bytes = 24});
  talk.begin();
  const wire::Request request = talk.take_request();
  EXPECT_EQ(request.magic, wire::request_magic);
  EXPECT_EQ(request.kind, wire::RequestKind::query);
  EXPECT_EQ(request.trial, 5);
  EXPECT_EQ(request.id, 1U);
  EXPECT_EQ(request.delay_ns, 50'000U);
  EXPECT_EQ(request.payload_bytes, 24U);
  EXPECT_EQ(request.flags, 0U);
}

TEST(DelayConversation, EntersAReplyWithTheBackendsStamps) {
  ScriptedTalk talk;
  talk.begin();
  const std::int64_t before_ns = now_ns();
  talk.deliver(reply_to(talk.take_request()), {everything});
  const LedgerRecord& record = talk.ledger().record(1);
  EXPECT_EQ(record.answers, 1U);
  EXPECT_EQ(record.client, 7U);
  EXPECT_EQ(record.received_ns, 11);
  EXPECT_EQ(record.due_ns, 22);
  EXPECT_EQ(record.sent_ns, 33);
  EXPECT_LE(record.intended_start_ns, before_ns);
  EXPECT_GE(record.end_ns, before_ns);
  EXPECT_LE(record.end_ns, now_ns());
}

TEST(DelayConversation, ReadsAReplyHoweverItIsCutInTwo) {
  const std::size_t size = sizeof(wire::ReplyHeader) + 24;
  for (std::size_t cut = 1; cut < size; ++cut) {
    ScriptedTalk talk;
    talk.begin();
    talk.deliver(reply_to(talk.take_request()), {cut, size - cut});
    EXPECT_EQ(talk.step().kind, StepKind::write) << cut << ": the next query";
    EXPECT_EQ(talk.ledger().record(1).answers, 1U) << cut;
    EXPECT_EQ(talk.ledger().failure(), "") << cut;
  }
}

TEST(DelayConversation, ReadsRepliesOfAnySizeInPiecesOfAnySize) {
  Random random(1);
  for (const std::uint32_t bytes :
       {0U, 1U, 7U, 8U, 9U, 65'000U, 65'488U, 65'489U, 65'496U, 65'497U, 70'000U, 1'000'000U})
    for (int attempt = 0; attempt < 10; ++attempt) {
      ScriptedTalk talk({.reply_bytes = bytes});
      talk.begin();
      std::vector<std::size_t> pieces;
      for (int i = 0; i < 1000; ++i) pieces.push_back(1 + random.next() % (1 + bytes / 20));
      for (std::uint64_t id = 1; id <= 2; ++id) {
        talk.deliver(reply_to(talk.take_request()), pieces);
        ASSERT_EQ(talk.ledger().failure(), "") << bytes << " bytes";
        ASSERT_EQ(talk.ledger().record(id).answers, 1U) << bytes << " bytes";
      }
    }
}

// A read that takes the whole reply must not fill its buffer: that would mean "there may be more".
TEST(DelayConversation, HasRoomForMoreThanTheReply) {
  for (const std::uint32_t bytes : {0U, 24U, 1000U, 65'000U}) {
    ScriptedTalk talk({.reply_bytes = bytes});
    talk.begin();
    talk.take_request();
    EXPECT_GT(talk.step().size, sizeof(wire::ReplyHeader) + bytes);
  }
}

TEST(DelayConversation, WritesARequestHoweverLittleIsTakenOfIt) {
  for (std::size_t piece = 1; piece <= sizeof(wire::Request); ++piece) {
    ScriptedTalk talk;
    talk.begin();
    EXPECT_EQ(talk.take_request(piece).id, 1U) << piece;
    EXPECT_EQ(talk.step().kind, StepKind::read) << piece;
    EXPECT_EQ(talk.ledger().next_id(), 2U) << "one query, whatever it took";
  }
}

TEST(DelayConversation, GoesOnOnItsConnectionWhereThatIsKept) {
  ScriptedTalk talk;
  talk.begin();
  for (std::uint64_t id = 1; id <= 5; ++id) {
    const wire::Request request = talk.take_request();
    EXPECT_EQ(request.id, id);
    EXPECT_EQ(talk.deliver(reply_to(request), {everything}).kind, StepKind::write);
  }
}

TEST(DelayConversation, StartsAQueryWhereTheLastOneEnded) {
  ScriptedTalk talk;
  talk.begin();
  talk.deliver(reply_to(talk.take_request()), {everything});
  EXPECT_EQ(talk.ledger().record(2).start_ns, talk.ledger().record(1).end_ns);
}

TEST(DelayConversation, OpensAConnectionForEachQueryWhereTheyAreFresh) {
  ScriptedTalk talk({.reply_bytes = 24, .connections = Connections::fresh});
  for (int query = 0; query < 3; ++query) {
    if (query == 0) talk.resume(0);
    ASSERT_EQ(talk.step().kind, StepKind::connect);
    ASSERT_EQ(talk.resume(0).kind, StepKind::write);
    ASSERT_EQ(talk.deliver(reply_to(talk.take_request()), {everything}).kind, StepKind::close);
    talk.resume(0);
  }
  EXPECT_FALSE(talk.ledger().failed());
}

TEST(DelayConversation, FinishesTheQueryAtHandWhenItIsToStop) {
  ScriptedTalk talk;
  talk.begin();
  const wire::Request request = talk.take_request();
  talk.ledger().request_stop();
  EXPECT_EQ(talk.deliver(reply_to(request), {everything}).kind, StepKind::close);
  EXPECT_EQ(talk.resume(0).kind, StepKind::done);
  EXPECT_EQ(talk.ledger().record(1).answers, 1U);
  EXPECT_FALSE(talk.ledger().failed());
}

TEST(DelayConversation, BeginsNothingWhenItIsToStopAlready) {
  ScriptedTalk talk;
  talk.ledger().request_stop();
  EXPECT_EQ(talk.resume(0).kind, StepKind::done);
  EXPECT_EQ(talk.ledger().next_id(), 1U);
}

TEST(DelayConversation, DrawsDelaysOfTheShapeAskedFor) {
  const auto mean_delay_ns = [](DelayShape shape, double& largest) {
    ScriptedTalk talk({.delay_us = 100, .delay_shape = shape, .reply_bytes = 0});
    talk.begin();
    double sum = 0;
    constexpr int queries = 20'000;
    for (int i = 0; i < queries; ++i) {
      const wire::Request request = talk.take_request();
      sum += static_cast<double>(request.delay_ns);
      largest = std::max(largest, static_cast<double>(request.delay_ns));
      talk.deliver(reply_to(request), {everything});
    }
    return sum / queries;
  };
  double constant = 0, uniform = 0, exponential = 0;
  EXPECT_EQ(mean_delay_ns(DelayShape::constant, constant), 100'000);
  EXPECT_EQ(constant, 100'000);
  EXPECT_NEAR(mean_delay_ns(DelayShape::uniform, uniform), 100'000, 2000);
  EXPECT_LE(uniform, 200'000);
  EXPECT_NEAR(mean_delay_ns(DelayShape::exponential, exponential), 100'000, 4000);
  EXPECT_GT(exponential, 500'000);
}

// What is done to a good reply, and what the ledger must say of it.
struct Forgery {
  const char* name;
  std::function<void(Bytes&)> spoil;
  const char* reason;
};

void set_header(Bytes& reply, const std::function<void(wire::ReplyHeader&)>& change) {
  wire::ReplyHeader header;
  std::memcpy(&header, reply.data(), sizeof header);
  change(header);
  std::memcpy(reply.data(), &header, sizeof header);
}

const Forgery forgeries[] = {
    {"WrongId", [](Bytes& reply) { set_header(reply, [](auto& header) { header.id = 99; }); },
     "query 1 was answered with the reply to query 99"},
    {"WrongLength",
     [](Bytes& reply) { set_header(reply, [](auto& header) { header.payload_bytes = 23; }); },
     "query 1: the reply carries 23 bytes, asked were 24"},
    {"NoReply", [](Bytes& reply) { set_header(reply, [](auto& header) { header.magic = 1; }); },
     "query 1: what came back is not a reply"},
    {"WrongFirstByte", [](Bytes& reply) { reply[40] ^= std::byte{1}; },
     "query 1: the reply carries a wrong payload"},
    {"WrongByteInTheMiddle", [](Bytes& reply) { reply[40 + 12] ^= std::byte{1}; },
     "query 1: the reply carries a wrong payload"},
    {"WrongLastByte", [](Bytes& reply) { reply.back() ^= std::byte{1}; },
     "query 1: the reply carries a wrong payload"},
    {"TooLong", [](Bytes& reply) { reply.push_back({}); },
     "query 1: the reply is longer than the 64 bytes asked for"},
};

class ForgedReply : public testing::TestWithParam<Forgery> {};

TEST_P(ForgedReply, IsNamedHoweverItArrives) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, everything}) {
    // Byte by byte, what follows a reply would be taken for the beginning of the next.
    if (piece != everything && std::string_view(GetParam().name) == "TooLong") continue;
    ScriptedTalk talk;
    talk.begin();
    Bytes reply = reply_to(talk.take_request());
    GetParam().spoil(reply);
    EXPECT_EQ(talk.deliver(reply, {piece}).kind, StepKind::close);
    EXPECT_EQ(talk.ledger().failure(), GetParam().reason);
    EXPECT_EQ(talk.resume(0).kind, StepKind::done);
    EXPECT_EQ(talk.ledger().record(1).answers, 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Of, ForgedReply, testing::ValuesIn(forgeries),
                         [](const auto& info) { return info.param.name; });

// A timed turn looks at less, but at every byte of the first and of the last word.
TEST(TimedReply, IsCheckedInItsFirstAndLastWord) {
  constexpr std::uint32_t payload = 100'003;  // longer than a client's buffer
  for (const std::size_t at : {0U, 3U, 7U, payload - 8, payload - 1})
    for (const std::size_t piece : {std::size_t{3}, std::size_t{5000}, everything}) {
      ScriptedTalk talk({.reply_bytes = payload}, false);
      talk.begin();
      Bytes reply = reply_to(talk.take_request());
      reply[sizeof(wire::ReplyHeader) + at] ^= std::byte{0x80};
      talk.deliver(reply, {piece});
      EXPECT_EQ(talk.ledger().failure(), "query 1: the reply carries a wrong payload")
          << at << " in pieces of " << piece;
    }
}

TEST(DelayConversation, SaysWhatItWasDoingWhenTheConnectionWasLost) {
  ScriptedTalk refused;
  refused.resume(0);
  EXPECT_EQ(refused.resume(-ECONNREFUSED).kind, StepKind::close);
  EXPECT_EQ(refused.ledger().failure(), "client 7, query 1: connect: Connection refused");

  ScriptedTalk cut_off;
  cut_off.begin();
  EXPECT_EQ(cut_off.resume(-EPIPE).kind, StepKind::close);
  EXPECT_EQ(cut_off.ledger().failure(), "client 7, query 1: write: Broken pipe");

  ScriptedTalk closed;
  closed.begin();
  closed.take_request();
  EXPECT_EQ(closed.resume(0).kind, StepKind::close);
  EXPECT_EQ(closed.ledger().failure(),
            "client 7, query 1: read: the backend closed the connection");
  EXPECT_EQ(closed.resume(-EBADF).kind, StepKind::done) << "how the close went is of no interest";
}

TEST(DelayConversation, RefusesAnOutcomeThatIsLargerThanItsStep) {
  ScriptedTalk writes;
  const Step write = writes.begin();
  EXPECT_EQ(writes.resume(static_cast<Outcome>(write.size) + 1).kind, StepKind::close);
  EXPECT_EQ(writes.ledger().failure(), "client 7, query 1: write: Protocol error");

  ScriptedTalk nothing;
  nothing.begin();
  nothing.resume(0);
  EXPECT_EQ(nothing.ledger().failure(), "client 7, query 1: write: Protocol error");

  ScriptedTalk reads;
  reads.begin();
  reads.take_request();
  EXPECT_EQ(reads.resume(static_cast<Outcome>(reads.step().size) + 1).kind, StepKind::close);
  EXPECT_EQ(reads.ledger().failure(), "client 7, query 1: read: Protocol error");
}

}  // namespace
}  // namespace waitbench
