// Several event loops that share the conversations, each with an engine and a thread of its own, so
// that event-driven models can use more than one CPU. Between the loops there is nothing to share
// and nothing to lock: a conversation stays with its loop, and waits for none of another loop.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "impls/conversation.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

// Makes one loop, of which the last `background` conversations are not waited for: see loop.hpp.
using MakeLoop = std::unique_ptr<Model> (*)(std::span<Conversation* const> conversations,
                                            const Settings& settings, std::size_t background);

class Loops : public Model {
 public:
  Loops(std::span<Conversation* const> conversations, const Settings& settings, MakeLoop make_loop);

  // Each loop is made by the thread that runs it, since an engine may belong to one thread. No loop
  // starts before all are made: should the machine refuse one, the others have not begun. When one
  // fails later, it stops the others, and what it threw is thrown on.
  void run() override;

 private:
  Settings settings_;
  MakeLoop make_loop_;
  std::vector<std::vector<Conversation*>> shares_;
};

}  // namespace waitbench
