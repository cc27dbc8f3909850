// A bounded queue among tasks of one loop: who puts waits for room, who gets waits for an item.
//
// Two semaphores count room and items, as Dijkstra's bounded buffer does. To begin is to take a
// permit, for which the task may have to wait; to finish moves the item, and gives a permit to the
// other side. So nothing is lost with a task that gives up in between.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "impls/lib/sync/semaphore.hpp"

namespace waitbench {

template <class T>
class Queue {
 public:
  // Of at least 1 item.
  Queue(RunQueue& run_queue, std::size_t capacity)
      : room_(run_queue, capacity),
        items_(run_queue, 0),
        slots_(std::make_unique<T[]>(capacity)),
        capacity_(capacity) {}

  // How many are in it.
  std::size_t size() const { return size_; }

  // Whether there is room now. If not, the waiter's task waits, and there is when it is resumed,
  // unless its wait was cancelled.
  bool begin_put(Waiter& waiter) { return room_.acquire(waiter); }
  void finish_put(T item) {
    const std::size_t end = first_ + size_++;
    slots_[end < capacity_ ? end : end - capacity_] = std::move(item);
    items_.release();
  }

  // The same for an item.
  bool begin_get(Waiter& waiter) { return items_.acquire(waiter); }
  T finish_get() {
    T item = std::move(slots_[first_]);
    if (++first_ == capacity_) first_ = 0;
    --size_;
    room_.release();
    return item;
  }

 private:
  Semaphore room_;
  Semaphore items_;
  std::unique_ptr<T[]> slots_;  // a ring
  std::size_t capacity_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace waitbench
