// Chained queries at the backend's end: what proves that a client has read its replies.
#pragma once

#include <cstdint>

#include "harness/workloads/protocol.hpp"

namespace waitbench {

// The last bytes of a chained reply: a number that cannot be foreseen. Throws std::system_error
// when the kernel has none to give.
std::uint64_t draw_token();

// Enters a chained query of which `reply` has trial and length: whether it may be asked, when its
// reply is due, and what it will end with. `carried` is what the request has as its proof.
Offence enter_chained(Peer& peer, std::uint64_t carried, std::uint32_t flags,
                      std::uint64_t mean_delay_ns, PendingReply& reply);

}  // namespace waitbench
