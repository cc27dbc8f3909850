// Tasks that wait for each other for ever: each for a lock that the next one holds.
//
// A task has one slot, which tells it from others, and the slot lives as long as the task has
// locks.
#pragma once

#include <vector>

#include "impls/lib/sync/waiter.hpp"

namespace waitbench {

// The ring of tasks that waits for itself, beginning with this one; empty if it is in none. To be
// asked when a task begins to wait, or of a task that has waited for too long.
inline std::vector<const Waiter*> deadlock_of(const Waiter& waiter) {
  std::vector<const Waiter*> ring;
  const Waiter* task = &waiter;
  const Waiter* at_half_speed = &waiter;  // finds a ring that we are not in, but wait for
  do {
    ring.push_back(task);
    const Line* line = task->waits_in();
    task = line == nullptr ? nullptr : line->held_by();
    if (ring.size() % 2 == 0) at_half_speed = at_half_speed->waits_in()->held_by();
    if (task == nullptr || (task == at_half_speed && task != &waiter)) return {};
  } while (task != &waiter);
  return ring;
}

}  // namespace waitbench
