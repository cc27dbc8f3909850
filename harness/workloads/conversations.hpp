// The conversations of one trial, which a model drives. They own what they need: buffers, stamps,
// checks, and the entries in the ledger.
#pragma once

#include <cstddef>
#include <span>

#include "impls/conversation.hpp"

namespace waitbench {

class Conversations {
 public:
  virtual ~Conversations() = default;

  // Those of idle connections first.
  virtual std::span<Conversation* const> all() = 0;

  // The last so many watch for the others in a loop, and are never done.
  virtual std::size_t background() const { return 0; }
};

}  // namespace waitbench
