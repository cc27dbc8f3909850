// HTTP on the wire: what is written is read again, a reply is the same however it is cut, and what
// is no request of ours is refused.
#include "harness/workloads/http/message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/workloads/payload.hpp"

namespace waitbench::http {
namespace {

std::string text_of(const Reply& reply) {
  std::vector<std::byte> bytes(reply_bytes(reply));
  write_reply(reply, 0, bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string payload_of(std::uint64_t id, std::size_t bytes, std::uint64_t offset = 0) {
  std::string payload(bytes, '\0');
  fill_payload(id, offset, std::as_writable_bytes(std::span(payload)));
  return payload;
}

TEST(HttpRequest, IsReadAsItWasWritten) {
  RequestText text;
  for (const Path path : {Path::delay, Path::rest, Path::idle})
    for (const Framing framing : {Framing::length, Framing::chunked}) {
      const Request written = {.path = path,
                               .trial = 65'535,
                               .id = ~std::uint64_t{0},
                               .delay_ns = most_delay_ns,
                               .payload_bytes = most_payload_bytes,
                               .framing = framing,
                               .single_bytes = framing == Framing::chunked};
      const std::string_view line = write_request(written, text);
      ASSERT_LE(line.size(), most_request_bytes);
      EXPECT_TRUE(line.ends_with("\r\n\r\n"));
      const auto read = read_request(line);
      ASSERT_TRUE(read) << line;
      EXPECT_EQ(read->path, path);
      EXPECT_EQ(read->trial, written.trial);
      EXPECT_EQ(read->id, written.id);
      EXPECT_EQ(read->delay_ns, written.delay_ns);
      EXPECT_EQ(read->payload_bytes, written.payload_bytes);
      EXPECT_EQ(read->framing, framing);
      EXPECT_EQ(read->single_bytes, written.single_bytes);
    }
}

TEST(HttpRequest, IsRefusedWhereItIsNoneOfOurs) {
  for (const std::string_view text :
       {"", "GET", "GET /", "POST /delay HTTP/1.1", "GET /delay HTTP/2", "GET /other HTTP/1.1",
        "GET /delay?trial=65536 HTTP/1.1", "GET /delay?trial=x HTTP/1.1",
        "GET /delay?bytes=8388609 HTTP/1.1", "GET /delay?delay_ns=60000000001 HTTP/1.1",
        "GET /delay?framing=none HTTP/1.1", "GET /delay?color=red HTTP/1.1",
        "GET /delay?id=1&id=-1 HTTP/1.1"})
    EXPECT_FALSE(read_request(std::string(text) + "\r\n\r\n")) << text;
}

TEST(HttpReply, SaysHowLongItIs) {
  EXPECT_EQ(text_of({.id = 3, .payload_bytes = 12, .received_ns = 1, .due_ns = 22, .sent_ns = 333}),
            "HTTP/1.1 200 OK\r\nServer: waitbench\r\nContent-Type: application/octet-stream\r\n"
            "X-Received: 00000000000000000001\r\nX-Due: 00000000000000000022\r\n"
            "X-Sent: 00000000000000000333\r\nContent-Length: 12\r\n\r\n" +
                payload_of(3, 12));
}

TEST(HttpReply, ComesInChunks) {
  const std::string text =
      text_of({.id = 3, .payload_bytes = 2 * 4096 + 10, .framing = Framing::chunked});
  EXPECT_TRUE(text.ends_with("Transfer-Encoding: chunked\r\n\r\n1000\r\n" + payload_of(3, 4096) +
                             "\r\n1000\r\n" + payload_of(3, 4096, 4096) + "\r\na\r\n" +
                             payload_of(3, 10, 8192) + "\r\n0\r\n\r\n"));
  EXPECT_TRUE(text_of({.framing = Framing::chunked}).ends_with("\r\n\r\n0\r\n\r\n"));
}

TEST(HttpReply, IsTheSameHoweverItIsCut) {
  for (const Framing framing : {Framing::length, Framing::chunked}) {
    const Reply reply = {.id = 9, .payload_bytes = 4100, .framing = framing, .sent_ns = 5};
    const std::string whole = text_of(reply);
    for (const std::size_t piece : {1U, 7U, 1000U}) {
      std::string pieces;
      for (std::size_t at = 0; at < whole.size(); at += piece) {
        std::vector<std::byte> part(std::min(piece, whole.size() - at));
        write_reply(reply, at, part);
        pieces.append(reinterpret_cast<const char*>(part.data()), part.size());
      }
      EXPECT_EQ(pieces, whole) << piece;
    }
  }
}

}  // namespace
}  // namespace waitbench::http
