#include "harness/workloads/delay/workload.hpp"

#include <algorithm>

#include "harness/workloads/delay/conversation.hpp"
#include "harness/workloads/delay/handwritten/handwritten.hpp"
#include "harness/workloads/delay/no_op.hpp"
#include "harness/workloads/delay/protocol.hpp"
#include "harness/workloads/delay/verification_cases.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/query_conversations.hpp"
#include "impls/engines/all.hpp"

namespace waitbench {
namespace {

constexpr std::string_view own_axes[] = {"delay_us", "delay_shape", "reply_bytes", "block_us",
                                         "fan_out",  "limit",       "lock",        "deadline_us"};

std::size_t one(std::size_t, const Settings&) {
  return 1;
}
std::size_t all(std::size_t conversations, const Settings&) {
  return conversations;
}

std::unique_ptr<Conversations> make_conversations(const TrialContext& context) {
  const wire::Request idle = {.kind = wire::RequestKind::idle, .trial = context.config.trial};
  return std::make_unique<QueryConversations<DelayClient>>(context,
                                                           std::as_bytes(std::span(&idle, 1)));
}

Eligibility can_run(const Cell& cell) {
  if (cell.is_open_loop()) return {"handwritten counterparts are written for a closed loop"};
  if (cell.connections != Connections::kept)
    return {"handwritten counterparts are written for kept connections"};
  if (cell.depth > 1) return {"handwritten counterparts are written without helper calls"};
  if (cell.loops > 1) return {"handwritten counterparts are written with one loop"};
  if (cell.fan_out > 1) return {"handwritten counterparts ask one query at a time"};
  if (cell.clients_wait_for_each_other())
    return {"the clients of handwritten counterparts do not wait for each other"};
  if (cell.idle > 0) return {"handwritten counterparts are written without idle connections"};
  if (cell.block_us > 0) return {"handwritten counterparts are written without calls that block"};
  if (cell.deadline_us > 0) return {"handwritten counterparts are written without deadlines"};
  return {};
}

Eligibility no_op_can_run(const Cell& cell) {
  constexpr std::uint32_t largest_reply = 32 << 10;
  if (cell.reply_bytes > largest_reply) return {"the no-op makes up replies of at most 32 KiB"};
  return can_run(cell);
}

template <Engine E>
Eligibility has_engine() {
  constexpr auto unavailable = unavailable_of<E>();
  return unavailable == nullptr ? Eligibility{} : Eligibility{unavailable()};
}

constexpr Handwritten handwritten[] = {
    {.name = "handwritten-blocking",
     .style = "blocking",
     .engine = "",
     .summary = "the delay query by hand, one blocking call after another",
     .max_in_flight = one,
     .make = make_handwritten_blocking,
     .can_run = can_run},
    {.name = "handwritten-thread-per-connection",
     .style = "thread",
     .engine = "",
     .summary = "the delay query by hand, a thread for each connection",
     .max_in_flight = all,
     .make = make_handwritten_thread_per_connection,
     .can_run = can_run},
    {.name = "handwritten-callback-epoll",
     .style = "callback",
     .engine = "epoll",
     .summary = "the delay query by hand, as callbacks on epoll",
     .max_in_flight = all,
     .make = make_handwritten_callback_epoll,
     .can_run = can_run},
    {.name = "handwritten-coroutine-epoll",
     .style = "coroutine",
     .engine = "epoll",
     .summary = "the delay query by hand, as coroutines on epoll",
     .max_in_flight = all,
     .make = make_handwritten_coroutine_epoll,
     .can_run = can_run},
    {.name = "handwritten-callback-libuv",
     .style = "callback",
     .engine = "libuv",
     .summary = "the delay query by hand, as callbacks on libuv",
     .max_in_flight = all,
     .make = WAITBENCH_WITH_LIBUV ? make_handwritten_callback_libuv : nullptr,
     .can_run = can_run,
     .is_allowed_here = has_engine<Libuv>},
    {.name = "handwritten-callback-io_uring",
     .style = "callback",
     .engine = "io_uring",
     .summary = "the delay query by hand, as callbacks on io_uring",
     .max_in_flight = all,
     .make = WAITBENCH_WITH_IO_URING ? make_handwritten_callback_io_uring : nullptr,
     .can_run = can_run,
     .is_allowed_here = has_engine<IoUring>},
};

constexpr Handwritten no_op = {
    .name = "no-op",
    .style = "",
    .engine = "",
    .summary = "the harness alone: stamps, checks and ledger without any I/O",
    .max_in_flight = one,
    .make = make_no_op,
    .can_run = no_op_can_run};

std::uint32_t shape_flag(DelayShape shape) {
  switch (shape) {
    case DelayShape::constant: break;
    case DelayShape::exponential: return wire::exponential_delay;
    case DelayShape::uniform: return wire::uniform_delay;
  }
  return 0;
}

GuestQuery guest_query(const Cell& cell, std::uint16_t trial, bool single_bytes) {
  const wire::Request request = {.trial = trial,
                                 .delay_ns = static_cast<std::uint64_t>(cell.delay_us * ns_per_us),
                                 .payload_bytes = cell.reply_bytes,
                                 .flags = wire::chained | shape_flag(cell.delay_shape) |
                                          (single_bytes ? wire::single_bytes : 0)};
  const auto bytes = std::as_bytes(std::span(&request, 1));
  return {.request = {bytes.begin(), bytes.end()},
          .reply_bytes = sizeof(wire::ReplyHeader) + cell.reply_bytes};
}

QueryTime expected_query_time(const Cell& cell) {
  constexpr double header_us = 12;
  constexpr double bytes_per_us = 320;
  const double wait_us =
      cell.deadline_us == 0 ? cell.delay_us : std::min<double>(cell.delay_us, cell.deadline_us);
  return {.wait_us = wait_us, .cpu_us = header_us + cell.reply_bytes / bytes_per_us};
}

}  // namespace

const Workload delay_workload = {.name = "delay",
                                 .axes = own_axes,
                                 .make_conversations = make_conversations,
                                 .handwritten = handwritten,
                                 .no_op = &no_op,
                                 .guest_query = guest_query,
                                 .verification_cases = delay_verification_cases,
                                 .expected_query_time = expected_query_time,
                                 .protocol = &delay_protocol};

}  // namespace waitbench
