// A reply without a backend: what a timed turn would look at of the real one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/payload.hpp"
#include "impls/conversation.hpp"

namespace waitbench {

// Puts the header and the payload's first and last bytes where `read` wants the reply to `request`,
// which must have room for all of it, and gives the length of the whole.
inline Outcome make_up_reply(const wire::Request& request, const Step& read) {
  constexpr std::size_t checked_bytes = 8;
  const wire::ReplyHeader header{.payload_bytes = request.payload_bytes, .id = request.id};
  std::memcpy(read.data(), &header, sizeof header);
  const std::span payload(read.data() + sizeof header, request.payload_bytes);
  const std::size_t edge = std::min(payload.size(), checked_bytes);
  fill_payload(request.id, 0, payload.first(edge));
  fill_payload(request.id, payload.size() - edge, payload.last(edge));
  return static_cast<Outcome>(sizeof header + payload.size());
}

}  // namespace waitbench
