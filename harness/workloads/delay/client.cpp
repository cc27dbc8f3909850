#include "harness/workloads/delay/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "harness/workloads/delay/wire.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::size_t header_bytes = sizeof(wire::ReplyHeader);
constexpr std::size_t word_bytes = 8;
constexpr std::size_t largest_buffer = 64 << 10;  // longer replies are checked piece by piece

}  // namespace

Client::Client(const ClientConfig& config, Ledger& ledger, std::uint32_t number)
    : config_(config),
      ledger_(ledger),
      work_iterations_(
          static_cast<std::uint64_t>(config.cell.work_us * config.burn_iterations_per_us)),
      random_(config.seed + number),
      buffer_(std::make_unique<std::byte[]>(buffer_bytes())),
      number_(number) {}

std::size_t Client::reply_bytes() const {
  return header_bytes + config_.cell.reply_bytes;
}

std::size_t Client::buffer_bytes() const {
  return std::min(reply_bytes() + word_bytes, largest_buffer);
}

std::int64_t Client::take_next() {
  if (config_.timetable == nullptr) return 0;
  const std::int64_t now = start_of_next_ns();
  const std::optional<std::int64_t> arrival_ns = config_.timetable->take(now);
  intended_start_ns_ = arrival_ns.value_or(0);
  const std::int64_t begins_ns = arrival_ns.value_or(config_.timetable->ends_ns());
  if (begins_ns <= now) return 0;
  last_end_ns_ = 0;
  return begins_ns;
}

std::span<std::byte> Client::ask() {
  const std::int64_t start_ns = start_of_next_ns();
  const bool is_open_loop = config_.timetable != nullptr;
  const bool rests = is_open_loop && intended_start_ns_ == 0;
  id_ = ledger_.begin(number_, is_open_loop ? intended_start_ns_ : start_ns, start_ns);
  received_ = 0;
  const wire::Request request = {
      .trial = config_.trial,
      .id = id_,
      .delay_ns = rests ? 0 : draw_delay_ns(),
      .payload_bytes = config_.cell.reply_bytes,
      .flags = (config_.single_bytes ? wire::single_bytes : 0) | (rests ? wire::rest_query : 0)};
  static_assert(sizeof request <= header_bytes, "the shortest reply has room for a request");
  std::memcpy(buffer_.get(), &request, sizeof request);
  return {buffer_.get(), sizeof request};
}

// One query's end is the next one's start, unless something lies between that is not waiting.
std::int64_t Client::start_of_next_ns() const {
  const bool at_once =
      last_end_ns_ != 0 && work_iterations_ == 0 && config_.cell.connections == Connections::kept;
  return at_once ? last_end_ns_ : now_ns();
}

std::uint64_t Client::draw_delay_ns() {
  const double mean_ns = config_.cell.delay_us * ns_per_us;
  double delay_ns = mean_ns;
  switch (config_.cell.delay_shape) {
    case DelayShape::constant: break;
    case DelayShape::exponential: delay_ns = random_.exponential(mean_ns); break;
    case DelayShape::uniform: delay_ns = 2 * mean_ns * random_.unit(); break;
  }
  return std::min(static_cast<std::uint64_t>(delay_ns), wire::max_delay_ns);
}

std::span<std::byte> Client::room() {
  // A reply that fits stays in one piece; of a longer one, each piece of payload replaces the last.
  const std::size_t whole = buffer_bytes();
  const std::size_t at =
      whole > reply_bytes() ? received_ : std::min<std::size_t>(received_, header_bytes);
  const std::size_t rest = reply_bytes() - received_ + word_bytes;
  return {buffer_.get() + at, std::min(whole - at, rest)};
}

Client::Progress Client::take(std::size_t bytes) {
  const std::span<const std::byte> piece = room().first(bytes);
  const std::size_t before = received_;
  received_ += static_cast<std::uint32_t>(bytes);
  if (received_ < header_bytes) return Progress::incomplete;
  if (before < header_bytes && check_header() == Progress::wrong) return Progress::wrong;
  if (received_ > reply_bytes()) {
    fail(fmt::format("query {}: the reply is longer than the {} bytes asked for", id_,
                     reply_bytes()));
    return Progress::wrong;
  }
  const std::size_t skip = before < header_bytes ? header_bytes - before : 0;
  if (!check_payload(before + skip - header_bytes, piece.subspan(skip))) {
    fail(fmt::format("query {}: the reply carries a wrong payload", id_));
    return Progress::wrong;
  }
  if (received_ < reply_bytes()) return Progress::incomplete;
  finish();
  return Progress::complete;
}

Client::Progress Client::check_header() {
  wire::ReplyHeader header;
  std::memcpy(&header, buffer_.get(), header_bytes);
  if (header.magic != wire::reply_magic) {
    fail(fmt::format("query {}: what came back is not a reply", id_));
  } else if (header.id != id_) {
    fail(fmt::format("query {} was answered with the reply to query {}", id_, header.id));
  } else if (header.payload_bytes != config_.cell.reply_bytes) {
    fail(fmt::format("query {}: the reply carries {} bytes, asked were {}", id_,
                     header.payload_bytes, config_.cell.reply_bytes));
  } else {
    return Progress::incomplete;
  }
  return Progress::wrong;
}

// `bytes` are the payload's from `offset` on. A timed turn looks at the first and the last word.
bool Client::check_payload(std::uint64_t offset, std::span<const std::byte> bytes) const {
  if (config_.check_every_byte) return wire::payload_matches(id_, offset, bytes);
  const auto matches_within = [&](std::uint64_t from, std::uint64_t to) {
    from = std::max(from, offset);
    to = std::min(to, offset + bytes.size());
    return from >= to || wire::payload_matches(id_, from, bytes.subspan(from - offset, to - from));
  };
  const std::uint64_t end = config_.cell.reply_bytes;
  return matches_within(0, word_bytes) && matches_within(end - std::min(end, word_bytes), end);
}

void Client::finish() {
  wire::ReplyHeader header;
  std::memcpy(&header, buffer_.get(), header_bytes);
  LedgerRecord& entry = ledger_.record(id_);
  last_end_ns_ = now_ns();
  entry.end_ns = last_end_ns_;
  entry.received_ns = header.received_ns;
  entry.due_ns = header.due_ns;
  entry.sent_ns = header.sent_ns;
  ++entry.answers;
  if (work_iterations_ > 0) burn(work_iterations_);
}

void Client::lose(std::string_view what, int outcome) {
  fail(fmt::format("client {}, query {}: {}: {}", number_, id_, what,
                   outcome == 0 ? "the backend closed the connection" : std::strerror(-outcome)));
}

void Client::fail(std::string_view reason) {
  ledger_.fail(reason);
}

void burn(std::uint64_t iterations) {
  Random random(iterations);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < iterations; ++i) sum += random.next();
  asm volatile("" : : "r"(sum));  // the result must be had, or the loop would be dropped
}

double burn_iterations_per_us() {
  constexpr std::uint64_t iterations = 4'000'000;
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const std::int64_t before_ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    burn(iterations);
    const std::int64_t ns = read_clock_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
    best = std::max(best, static_cast<double>(iterations) * ns_per_us / static_cast<double>(ns));
  }
  return best;
}

}  // namespace waitbench
