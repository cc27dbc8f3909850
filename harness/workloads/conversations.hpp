// The conversations of one trial, which a model drives. They own what they need: buffers, stamps,
// checks, and the entries in the ledger.
#pragma once

#include <span>

#include "impls/conversation.hpp"

namespace waitbench {

class Conversations {
 public:
  virtual ~Conversations() = default;

  // Those of idle connections first.
  virtual std::span<Conversation* const> all() = 0;
};

}  // namespace waitbench
