#include "harness/workloads/http/protocol.hpp"

#include "harness/workloads/http/message.hpp"

namespace waitbench {
namespace {

// What the server keeps of a request is one word: the query's id, and how much payload it asked
// for.
constexpr unsigned payload_bits = 24;
constexpr std::uint64_t payload_mask = (1U << payload_bits) - 1;
static_assert(http::most_payload_bytes <= payload_mask);

http::Reply reply_of(const PendingReply& pending, std::int64_t sent_ns) {
  return {.id = pending.id >> payload_bits,
          .payload_bytes = static_cast<std::uint32_t>(pending.id & payload_mask),
          .framing = static_cast<Framing>(pending.flags),
          .received_ns = pending.received_ns,
          .due_ns = pending.due_ns,
          .sent_ns = sent_ns};
}

ReadRequest read_request(std::span<const std::byte> bytes, Peer&, PendingReply& reply) {
  constexpr std::string_view end_of_header = "\r\n\r\n";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t end = text.find(end_of_header);
  if (end == text.npos) return {};
  const auto request = http::read_request(text.substr(0, end + end_of_header.size()));
  if (!request || request->id > ~std::uint64_t{0} >> payload_bits)
    return {.offence = Offence::no_request};
  reply.id = request->id << payload_bits | request->payload_bytes;
  reply.delay_ns = static_cast<std::int64_t>(request->delay_ns);
  reply.trial = request->trial;
  reply.flags = static_cast<std::uint8_t>(request->framing);
  reply.is_idle = request->path == http::Path::idle;
  reply.is_rest = request->path == http::Path::rest;
  reply.single_bytes = request->single_bytes;
  reply.reply_bytes = static_cast<std::uint32_t>(http::reply_bytes(reply_of(reply, 0)));
  return {.bytes = end + end_of_header.size()};
}

void write_reply(const PendingReply& reply, std::int64_t sent_ns, std::uint64_t offset,
                 std::span<std::byte> out) {
  http::write_reply(reply_of(reply, sent_ns), offset, out);
}

}  // namespace

const Protocol http_protocol = {.name = "http",
                                .max_request_bytes = http::most_request_bytes,
                                .read_request = read_request,
                                .write_reply = write_reply};

}  // namespace waitbench
