#include "harness/workloads/delay/chain.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "harness/os/random.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/drawn_delay.hpp"

namespace waitbench {
namespace {

DelayShape shape_of(std::uint32_t flags) {
  if ((flags & wire::exponential_delay) != 0) return DelayShape::exponential;
  return (flags & wire::uniform_delay) != 0 ? DelayShape::uniform : DelayShape::constant;
}

}  // namespace

// The kernel is asked for many at a time: a system call for each query would be on its account.
std::uint64_t draw_token() {
  constexpr std::size_t at_once = 32;  // 256 bytes, which the kernel always gives whole
  thread_local std::array<std::uint64_t, at_once> tokens;
  thread_local std::size_t used = at_once;
  if (used == at_once) {
    ssize_t got = 0;
    do {
      got = getrandom(tokens.data(), sizeof tokens, 0);
    } while (got < 0 && errno == EINTR);
    if (got != sizeof tokens) throw std::system_error(errno, std::generic_category(), "getrandom");
    used = 0;
  }
  return tokens[used++];
}

Offence enter_chained(Peer& peer, std::uint64_t carried, std::uint32_t flags,
                      std::uint64_t mean_delay_ns, PendingReply& reply) {
  thread_local Random random(draw_token());
  if (peer.unanswered > 0) return Offence::asked_again;
  if (carried != peer.chain) return Offence::unread_reply;
  peer.chain = draw_token();
  reply.id = peer.chain;
  reply.flags = wire::chained;
  reply.delay_ns = static_cast<std::int64_t>(draw_delay_ns(
      random, shape_of(flags), static_cast<double>(mean_delay_ns), wire::max_delay_ns));
  return Offence::none;
}

}  // namespace waitbench
