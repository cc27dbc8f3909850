// How a message gets into a socket, over a socket that keeps the borders between sends.
#include "harness/backend/outbox.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "harness/workloads/delay/protocol.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/payload.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench::backend {
namespace {

Message reply_to(std::uint64_t id, std::size_t payload_bytes = 0, bool single_bytes = false) {
  return {delay_protocol,
          {.id = id,
           .reply_bytes = static_cast<std::uint32_t>(sizeof(wire::ReplyHeader) + payload_bytes),
           .single_bytes = single_bytes}};
}

class OutboxTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()), 0);
    near_.reset(ends[0]);
    far_.reset(ends[1]);
  }

  Outbox::State send_some(std::size_t scratch_bytes = 4096) {
    std::vector<std::byte> scratch(scratch_bytes);
    bool moved = false;
    return outbox_.send_some(near_.get(), scratch, moved, [this](const Message&) { ++sent_; });
  }
  // The bytes of one send, or none when nothing came.
  std::vector<std::byte> receive() {
    std::vector<std::byte> bytes(4096);
    const ssize_t read = ::recv(far_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(read > 0 ? static_cast<std::size_t>(read) : 0);
    return bytes;
  }

  Descriptor near_;
  Descriptor far_;
  Outbox outbox_;
  int sent_ = 0;
};

void expect_reply(std::span<const std::byte> bytes, std::uint64_t id, std::size_t payload_bytes) {
  ASSERT_EQ(bytes.size(), sizeof(wire::ReplyHeader) + payload_bytes);
  wire::ReplyHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  EXPECT_EQ(header.magic, wire::reply_magic);
  EXPECT_EQ(header.id, id);
  EXPECT_EQ(header.payload_bytes, payload_bytes);
  EXPECT_TRUE(payload_matches(id, 0, bytes.subspan(sizeof(header))));
}

TEST_F(OutboxTest, SendsASmallReplyAtOnce) {
  outbox_.add(reply_to(5, 100));
  EXPECT_EQ(send_some(), Outbox::State::empty);
  expect_reply(receive(), 5, 100);
  EXPECT_EQ(sent_, 1);
  EXPECT_TRUE(outbox_.empty());
}

TEST_F(OutboxTest, SendsOneByteAtATimeWhereAskedTo) {
  outbox_.add(reply_to(5, 3, true));
  std::vector<std::byte> all;
  for (std::size_t i = 0; i < sizeof(wire::ReplyHeader) + 3; ++i) {
    EXPECT_EQ(sent_, 0);
    send_some();
    const std::vector<std::byte> one = receive();
    ASSERT_EQ(one.size(), 1U) << "send " << i;
    all.push_back(one[0]);
    ASSERT_TRUE(receive().empty()) << "more than one byte in pass " << i;
  }
  EXPECT_EQ(sent_, 1);
  expect_reply(all, 5, 3);
}

TEST_F(OutboxTest, GoesOnWhereAPieceEnded) {
  for (std::size_t piece = 1; piece <= 60; ++piece) {
    outbox_.add(reply_to(piece, 50));
    std::vector<std::byte> all;
    for (int i = 0; !outbox_.empty() && i < 100; ++i) {
      send_some(piece);
      const std::vector<std::byte> part = receive();
      all.insert(all.end(), part.begin(), part.end());
    }
    expect_reply(all, piece, 50);
  }
}

TEST_F(OutboxTest, LeavesOffAfterOneScratchBuffer) {
  outbox_.add(reply_to(1, 5'000));
  EXPECT_EQ(send_some(4096), Outbox::State::unfinished);
  EXPECT_EQ(send_some(4096), Outbox::State::empty);
  EXPECT_EQ(sent_, 1);
}

TEST_F(OutboxTest, SendsItsMessagesInOrder) {
  outbox_.add(reply_to(1));
  outbox_.add(Message(control::Report{.trial = 7}));
  outbox_.add(reply_to(2));
  EXPECT_EQ(send_some(), Outbox::State::empty);
  expect_reply(receive(), 1, 0);
  const std::vector<std::byte> bytes = receive();
  ASSERT_EQ(bytes.size(), sizeof(control::Report));
  control::Report report;
  std::memcpy(&report, bytes.data(), sizeof(report));
  EXPECT_EQ(report.trial, 7U);
  expect_reply(receive(), 2, 0);
  EXPECT_EQ(sent_, 3);
}

TEST_F(OutboxTest, SaysThatTheSocketIsFullAndLaterGoesOn) {
  Outbox::State state = Outbox::State::empty;
  int added = 0;
  for (; state == Outbox::State::empty && added < 10'000; ++added) {
    outbox_.add(reply_to(1, 4'000));
    state = send_some(8'192);
  }
  ASSERT_EQ(state, Outbox::State::blocked);
  EXPECT_EQ(outbox_.size(), 1U);
  while (!receive().empty()) continue;
  EXPECT_EQ(send_some(8'192), Outbox::State::empty);
  EXPECT_EQ(sent_, added);
}

TEST_F(OutboxTest, StampsTheTimeWhenTheFirstByteWasSent) {
  const std::int64_t before = now_ns();
  Message message = reply_to(1);
  std::array<std::byte, 100> scratch;
  message.next_bytes(scratch);
  const std::int64_t refused = message.sent_ns();
  EXPECT_GE(refused, before);
  message.next_bytes(scratch);  // nothing was taken: it is stamped again
  EXPECT_GE(message.sent_ns(), refused);
  message.advance(1);
  const std::int64_t stamp = message.sent_ns();
  message.next_bytes(scratch);
  EXPECT_EQ(message.sent_ns(), stamp);
}

TEST_F(OutboxTest, SaysThatThePeerIsGone) {
  far_.reset();
  outbox_.add(reply_to(1));
  EXPECT_EQ(send_some(), Outbox::State::broken);
  EXPECT_EQ(sent_, 0);
}

}  // namespace
}  // namespace waitbench::backend
