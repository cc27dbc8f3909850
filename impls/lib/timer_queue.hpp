// What is due when: a min-heap of deadlines. It takes O(log n) to add and to remove an
// entry, and the earliest deadline is always known, which is all that an event loop needs. An entry
// that points to an object with a `timer_index` keeps its index in the heap there, so that it can
// also be removed before its time, as most deadlines are.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace waitbench {

inline constexpr std::uint32_t no_timer = std::numeric_limits<std::uint32_t>::max();

template <class T>
concept TimerHolder = requires(const T& what) {
  { what->timer_index } -> std::same_as<std::uint32_t&>;
};

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
    heap_.push_back({due_ns, next_number_++, std::move(what)});
    settle(heap_.size() - 1, std::move(heap_.back()));
  }

  // The earliest entry, to be called only while the queue is not empty.
  T pop() { return take(0); }

  // Removes an entry that was pushed and has not been popped.
  void remove(const T& what) requires TimerHolder<T> { take(what->timer_index); }

  // Removes each entry for which `unwanted` is true: O(n).
  template <class Predicate>
  void remove_if(Predicate unwanted) requires(!TimerHolder<T>) {
    std::erase_if(heap_, [&](const Entry& entry) { return unwanted(entry.what); });
    for (std::size_t i = heap_.size(); i-- > 0;) sift_down(i, std::move(heap_[i]));
  }

 private:
  struct Entry {
    std::int64_t due_ns;
    std::uint64_t number;  // equal deadlines leave in the order in which they came
    T what;
  };

  static bool later(const Entry& a, const Entry& b) {
    return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.number > b.number;
  }

  void put(std::size_t index, Entry entry) {
    if constexpr (TimerHolder<T>) entry.what->timer_index = static_cast<std::uint32_t>(index);
    heap_[index] = std::move(entry);
  }

  T take(std::size_t index) {
    T what = std::move(heap_[index].what);
    if constexpr (TimerHolder<T>) what->timer_index = no_timer;
    Entry last = std::move(heap_.back());
    heap_.pop_back();
    if (index < heap_.size()) settle(index, std::move(last));
    return what;
  }

  // Puts the entry where it belongs: at `index`, which is free, or above it, or below.
  void settle(std::size_t index, Entry entry) {
    for (std::size_t parent; index > 0 && later(heap_[parent = (index - 1) / children], entry);
         index = parent)
      put(index, std::move(heap_[parent]));
    sift_down(index, std::move(entry));
  }

  void sift_down(std::size_t index, Entry entry) {
    for (std::size_t first; (first = children * index + 1) < heap_.size();) {
      const std::size_t end = std::min(first + children, heap_.size());
      std::size_t earliest = first;
      for (std::size_t child = first + 1; child < end; ++child)
        if (later(heap_[earliest], heap_[child])) earliest = child;
      if (!later(entry, heap_[earliest])) break;
      put(index, std::move(heap_[earliest]));
      index = earliest;
    }
    put(index, std::move(entry));
  }

  // Of an entry. Each move of an entry writes to the object that it points to, which is often in no
  // cache, and with four children an entry is moved a third as often as with two.
  static constexpr std::size_t children = 4;

  std::vector<Entry> heap_;
  std::uint64_t next_number_ = 0;
};

}  // namespace waitbench
