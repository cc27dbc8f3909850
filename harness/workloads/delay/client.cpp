#include "harness/workloads/delay/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/drawn_delay.hpp"
#include "harness/workloads/payload.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

static_assert(most_reply_bytes <= wire::max_payload_bytes);
static_assert(longest_delay_us * ns_per_us <= wire::max_delay_ns);

constexpr std::size_t header_bytes = sizeof(wire::ReplyHeader);
constexpr std::size_t word_bytes = 8;
constexpr std::size_t largest_buffer = 64 << 10;  // longer replies are checked piece by piece

}  // namespace

DelayClient::DelayClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number)
    : QueryClient(config, ledger, number),
      random_(config.seed + number),
      buffer_(std::make_unique<std::byte[]>(buffer_bytes())) {}

std::size_t DelayClient::reply_bytes() const {
  return header_bytes + config().cell.reply_bytes;
}

std::size_t DelayClient::buffer_bytes() const {
  return std::min(reply_bytes() + word_bytes, largest_buffer);
}

std::span<std::byte> DelayClient::ask() {
  begin_query();
  received_ = 0;
  if (is_given()) random_ = Random(config().seed + id());  // whoever asks it, it is the same query
  const wire::Request request = {
      .trial = config().trial,
      .id = id(),
      .delay_ns = rests() ? 0
                          : draw_delay_ns(random_, config().cell.delay_shape,
                                          config().cell.delay_us * ns_per_us, wire::max_delay_ns),
      .payload_bytes = config().cell.reply_bytes,
      .flags = (config().single_bytes ? wire::single_bytes : 0) | (rests() ? wire::rest_query : 0)};
  static_assert(sizeof request <= header_bytes, "the shortest reply has room for a request");
  std::memcpy(buffer_.get(), &request, sizeof request);
  return {buffer_.get(), sizeof request};
}

std::int64_t DelayClient::delay_ns() const {
  wire::Request request;
  std::memcpy(&request, buffer_.get(), sizeof request);
  return static_cast<std::int64_t>(request.delay_ns);
}

void DelayClient::limit_delay(std::int64_t most_ns) {
  wire::Request request;
  std::memcpy(&request, buffer_.get(), sizeof request);
  request.delay_ns = std::min(request.delay_ns, static_cast<std::uint64_t>(most_ns));
  std::memcpy(buffer_.get(), &request, sizeof request);
}

std::span<std::byte> DelayClient::buffer_space() {
  // A reply that fits stays in one piece; of a longer one, each piece of payload replaces the last.
  const std::size_t whole = buffer_bytes();
  const std::size_t at =
      whole > reply_bytes() ? received_ : std::min<std::size_t>(received_, header_bytes);
  const std::size_t rest = reply_bytes() - received_ + word_bytes;
  return {buffer_.get() + at, std::min(whole - at, rest)};
}

DelayClient::Progress DelayClient::take(std::size_t bytes) {
  const std::span<const std::byte> piece = buffer_space().first(bytes);
  const std::size_t before = received_;
  received_ += static_cast<std::uint32_t>(bytes);
  if (received_ < header_bytes) return Progress::incomplete;
  if (before < header_bytes && check_header() == Progress::wrong) return Progress::wrong;
  if (received_ > reply_bytes()) {
    fail(fmt::format("query {}: the reply is longer than the {} bytes asked for", id(),
                     reply_bytes()));
    return Progress::wrong;
  }
  const std::size_t skip = before < header_bytes ? header_bytes - before : 0;
  if (!check_payload(before + skip - header_bytes, piece.subspan(skip))) {
    fail(fmt::format("query {}: the reply carries a wrong payload", id()));
    return Progress::wrong;
  }
  if (received_ < reply_bytes()) return Progress::incomplete;
  finish();
  return Progress::complete;
}

DelayClient::Progress DelayClient::check_header() {
  wire::ReplyHeader header;
  std::memcpy(&header, buffer_.get(), header_bytes);
  if (header.magic != wire::reply_magic) {
    fail(fmt::format("query {}: what came back is not a reply", id()));
  } else if (header.id != id()) {
    fail(fmt::format("query {} was answered with the reply to query {}", id(), header.id));
  } else if (header.payload_bytes != config().cell.reply_bytes) {
    fail(fmt::format("query {}: the reply carries {} bytes, asked were {}", id(),
                     header.payload_bytes, config().cell.reply_bytes));
  } else {
    return Progress::incomplete;
  }
  return Progress::wrong;
}

// `bytes` are the payload's from `offset` on. A timed turn looks at the first and the last word.
bool DelayClient::check_payload(std::uint64_t offset, std::span<const std::byte> bytes) const {
  return config().check_every_byte
             ? payload_matches(id(), offset, bytes)
             : payload_ends_match(id(), offset, bytes, config().cell.reply_bytes);
}

void DelayClient::finish() {
  wire::ReplyHeader header;
  std::memcpy(&header, buffer_.get(), header_bytes);
  end_query(
      {.received_ns = header.received_ns, .due_ns = header.due_ns, .sent_ns = header.sent_ns});
}

}  // namespace waitbench
