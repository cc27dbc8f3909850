#include "harness/workloads/delay/protocol.hpp"

#include <algorithm>
#include <cstring>

#include "harness/workloads/delay/chain.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/payload.hpp"

namespace waitbench {
namespace {

constexpr std::size_t header_bytes = sizeof(wire::ReplyHeader);

ReadRequest read_request(std::span<const std::byte> bytes, Peer& peer, PendingReply& reply) {
  wire::Request request;
  if (bytes.size() < sizeof request) return {};
  std::memcpy(&request, bytes.data(), sizeof request);
  const bool is_idle = request.kind == wire::RequestKind::idle;
  const bool is_known = is_idle || request.kind == wire::RequestKind::query;
  if (request.magic != wire::request_magic || !is_known ||
      request.payload_bytes > wire::max_payload_bytes || request.delay_ns > wire::max_delay_ns)
    return {.offence = Offence::no_request};
  reply.id = request.id;
  reply.delay_ns = static_cast<std::int64_t>(request.delay_ns);
  reply.reply_bytes =
      static_cast<std::uint32_t>(header_bytes) + (is_idle ? 0 : request.payload_bytes);
  reply.trial = request.trial;
  reply.is_idle = is_idle;
  reply.is_rest = (request.flags & wire::rest_query) != 0;
  reply.single_bytes = (request.flags & wire::single_bytes) != 0;
  if ((request.flags & wire::chained) != 0 && !is_idle)
    return {.bytes = sizeof request,
            .offence = enter_chained(peer, request.id, request.flags, request.delay_ns, reply)};
  return {.bytes = sizeof request};
}

// What the reply says is its id: of a chained one nothing that gives away how it ends.
std::uint64_t id_in(const PendingReply& reply) {
  return (reply.flags & wire::chained) != 0 ? static_cast<std::uint64_t>(reply.received_ns)
                                            : reply.id;
}

// Puts the token over the last bytes of a chained reply, as far as they lie in
// [offset, offset + out.size()).
void write_token(const PendingReply& reply, std::uint64_t offset, std::span<std::byte> out) {
  const std::uint64_t first = reply.reply_bytes - sizeof reply.id;
  const std::uint64_t from = std::max(first, offset);
  const std::uint64_t to = std::min<std::uint64_t>(reply.reply_bytes, offset + out.size());
  if (from >= to) return;
  std::memcpy(out.data() + (from - offset),
              reinterpret_cast<const std::byte*>(&reply.id) + (from - first), to - from);
}

void write_reply(const PendingReply& reply, std::int64_t sent_ns, std::uint64_t offset,
                 std::span<std::byte> all) {
  std::span<std::byte> out = all;
  const std::uint64_t first = offset;
  if (offset < header_bytes) {
    const wire::ReplyHeader header = {
        .payload_bytes = reply.reply_bytes - static_cast<std::uint32_t>(header_bytes),
        .id = id_in(reply),
        .received_ns = reply.received_ns,
        .due_ns = reply.due_ns,
        .sent_ns = sent_ns};
    const std::size_t bytes = std::min(header_bytes - offset, out.size());
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(&header) + offset, bytes);
    out = out.subspan(bytes);
    offset = header_bytes;
  }
  fill_payload(id_in(reply), offset - header_bytes, out);
  if ((reply.flags & wire::chained) != 0) write_token(reply, first, all);
}

}  // namespace

const Protocol delay_protocol = {.name = "delay",
                                 .max_request_bytes = sizeof(wire::Request),
                                 .read_request = read_request,
                                 .write_reply = write_reply};

}  // namespace waitbench
