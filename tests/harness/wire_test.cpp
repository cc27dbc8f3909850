// The payload of a reply is a function of its id: it can be made and checked from any offset.
#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/payload.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace waitbench::wire {
namespace {

constexpr std::uint64_t some_id = 0x0123456789abcdefULL;

std::vector<std::byte> make_payload(std::uint64_t id, std::uint64_t offset, std::size_t bytes) {
  std::vector<std::byte> payload(bytes);
  fill_payload(id, offset, payload);
  return payload;
}

TEST(Wire, LaysItsStructsOutAsTheProtocolSays) {
  EXPECT_EQ(offsetof(Request, kind), 4U);
  EXPECT_EQ(offsetof(Request, trial), 6U);
  EXPECT_EQ(offsetof(Request, id), 8U);
  EXPECT_EQ(offsetof(Request, delay_ns), 16U);
  EXPECT_EQ(offsetof(Request, payload_bytes), 24U);
  EXPECT_EQ(offsetof(Request, flags), 28U);
  EXPECT_EQ(offsetof(ReplyHeader, id), 8U);
  EXPECT_EQ(offsetof(ReplyHeader, sent_ns), 32U);
}

TEST(Wire, BeginsItsFramesWithReadableMagic) {
  std::array<char, 4> text;
  const Request request;
  std::memcpy(text.data(), &request, text.size());
  EXPECT_EQ(std::string_view(text.data(), 4), "WQQ1");
  const ReplyHeader reply;
  std::memcpy(text.data(), &reply, text.size());
  EXPECT_EQ(std::string_view(text.data(), 4), "WQR1");
}

TEST(Wire, FillsWithTheWordsOfThePayload) {
  const std::vector<std::byte> payload = make_payload(some_id, 0, 64);
  for (std::uint64_t i = 0; i < 8; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload.data() + 8 * i, sizeof(word));
    EXPECT_EQ(word, payload_word(some_id, i)) << "word " << i;
  }
}

TEST(Wire, FillsTheSameBytesFromAnyOffsetAndLength) {
  const std::vector<std::byte> whole = make_payload(some_id, 0, 80);
  for (std::size_t offset = 0; offset < 24; ++offset) {
    for (std::size_t bytes = 0; bytes <= 40; ++bytes) {
      const std::span<const std::byte> expected = std::span(whole).subspan(offset, bytes);
      const std::vector<std::byte> part = make_payload(some_id, offset, bytes);
      EXPECT_TRUE(std::ranges::equal(part, expected)) << offset << " + " << bytes;
      EXPECT_TRUE(payload_matches(some_id, offset, part)) << offset << " + " << bytes;
    }
  }
}

TEST(Wire, NoticesEveryFalseByte) {
  constexpr std::uint64_t odd_offset = 3;
  std::vector<std::byte> payload = make_payload(some_id, odd_offset, 29);
  for (std::byte& byte : payload) {
    byte ^= std::byte{1};
    EXPECT_FALSE(payload_matches(some_id, odd_offset, payload));
    byte ^= std::byte{1};
  }
  EXPECT_TRUE(payload_matches(some_id, odd_offset, payload));
}

TEST(Wire, TellsThePayloadsOfNeighbouringIdsAndOffsetsApart) {
  const std::vector<std::byte> payload = make_payload(some_id, 0, 16);
  EXPECT_FALSE(payload_matches(some_id + 1, 0, payload));
  EXPECT_FALSE(payload_matches(some_id, 1, payload));
  EXPECT_FALSE(payload_matches(some_id, 8, payload));
}

TEST(Wire, FillsBeyondFourGigabytes) {
  constexpr std::uint64_t far = (5ULL << 30) + 5;
  const std::vector<std::byte> payload = make_payload(some_id, far, 20);
  EXPECT_TRUE(payload_matches(some_id, far + 3, std::span(payload).subspan(3)));
}

}  // namespace
}  // namespace waitbench::wire
