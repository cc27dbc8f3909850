// What is due when: a binary min-heap of deadlines. O(log n) to enter and to take, and the
// earliest deadline is always at hand, which is all that an event loop asks of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace waitbench {

template <class T>
class TimerQueue {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  void reserve(std::size_t timers) { heap_.reserve(timers); }
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }

  // CLOCK_MONOTONIC in ns, `never` when nothing waits.
  std::int64_t next_deadline_ns() const { return heap_.empty() ? never : heap_.front().due_ns; }

  void push(std::int64_t due_ns, T what) {
    heap_.push_back({due_ns, next_turn_++, std::move(what)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  // The earliest entry, to be called only while the queue is not empty.
  T pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    T what = std::move(heap_.back().what);
    heap_.pop_back();
    return what;
  }

 private:
  struct Entry {
    std::int64_t due_ns;
    std::uint64_t turn;  // equal deadlines leave in the order in which they came
    T what;
  };

  static bool later(const Entry& a, const Entry& b) {
    return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.turn > b.turn;
  }

  std::vector<Entry> heap_;
  std::uint64_t next_turn_ = 0;
};

}  // namespace waitbench
