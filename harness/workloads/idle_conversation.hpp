// A connection that is watched and quiet: it sends one request, by which the backend knows that it
// is idle, and is answered when the trial ends.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "harness/workloads/ledger.hpp"
#include "impls/conversation.hpp"

namespace waitbench {

class IdleConversation : public Conversation {
 public:
  static constexpr std::size_t most_bytes = 64;  // of the request

  IdleConversation(Ledger& ledger, const Address& backend, std::span<const std::byte> request);

  Step resume(Outcome moved) override;

 private:
  enum class Doing { nothing, connecting, asking, idle, hanging_up };

  Ledger& ledger_;
  const Address& backend_;
  std::array<std::byte, most_bytes> bytes_{};  // the request, and then what answers it
  std::size_t request_bytes_;
  Doing doing_ = Doing::nothing;
};

}  // namespace waitbench
