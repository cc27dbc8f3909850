// The knobs that models may have. Each model uses those that concern it, and ignores the others.
#pragma once

#include <cstddef>

namespace waitbench {

class RunQueue;

struct Settings {
  std::size_t depth = 1;  // fresh helper calls through which each step is performed
  std::size_t loops = 1;  // event loops, each on a thread of its own, that share the conversations
  std::size_t workers = 4;  // threads or processes of a pool

  // Beside its own, each conversation may use any of so many connections.
  std::size_t shared_connections = 0;
  // Of conversations that wait for each other in one loop: it goes on with those that it takes from
  // here. Null: they do not, or are threads.
  RunQueue* run_queue = nullptr;
  // Of the conversations of one loop, the last so many are not waited for: they watch for others.
  std::size_t background = 0;
};

}  // namespace waitbench
