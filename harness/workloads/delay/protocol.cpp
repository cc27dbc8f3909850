#include "harness/workloads/delay/protocol.hpp"

#include <algorithm>
#include <cstring>

#include "harness/workloads/delay/wire.hpp"

namespace waitbench {
namespace {

constexpr std::size_t header_bytes = sizeof(wire::ReplyHeader);

std::size_t read_request(std::span<const std::byte> bytes, PendingReply& reply) {
  wire::Request request;
  if (bytes.size() < sizeof request) return Protocol::incomplete;
  std::memcpy(&request, bytes.data(), sizeof request);
  const bool is_idle = request.kind == wire::RequestKind::idle;
  const bool is_known = is_idle || request.kind == wire::RequestKind::query;
  if (request.magic != wire::request_magic || !is_known ||
      request.payload_bytes > wire::max_payload_bytes || request.delay_ns > wire::max_delay_ns)
    return Protocol::offence;
  reply.id = request.id;
  reply.delay_ns = static_cast<std::int64_t>(request.delay_ns);
  reply.reply_bytes =
      static_cast<std::uint32_t>(header_bytes) + (is_idle ? 0 : request.payload_bytes);
  reply.trial = request.trial;
  reply.is_idle = is_idle;
  reply.is_rest = (request.flags & wire::rest_query) != 0;
  reply.single_bytes = (request.flags & wire::single_bytes) != 0;
  return sizeof request;
}

void write_reply(const PendingReply& reply, std::int64_t sent_ns, std::uint64_t offset,
                 std::span<std::byte> out) {
  if (offset < header_bytes) {
    const wire::ReplyHeader header = {
        .payload_bytes = reply.reply_bytes - static_cast<std::uint32_t>(header_bytes),
        .id = reply.id,
        .received_ns = reply.received_ns,
        .due_ns = reply.due_ns,
        .sent_ns = sent_ns};
    const std::size_t bytes = std::min(header_bytes - offset, out.size());
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(&header) + offset, bytes);
    out = out.subspan(bytes);
    offset = header_bytes;
  }
  wire::fill_payload(reply.id, offset - header_bytes, out);
}

}  // namespace

const Protocol delay_protocol = {.name = "delay",
                                 .max_request_bytes = sizeof(wire::Request),
                                 .read_request = read_request,
                                 .write_reply = write_reply};

}  // namespace waitbench
