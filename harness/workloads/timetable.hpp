// The timetable of an open loop: when each query of a turn is to begin, in memory that the harness
// shares with the processes of a trial.
//
// Whichever client is free takes the next arrival, as whichever clerk is free serves the next
// customer. So a query waits only when all the clients are busy, a model that can run one of them
// at a time still has the whole schedule before it, and the schedule is exact, whatever its shape:
// none of this would hold if each client had a part of it to itself.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "harness/os/shared_memory.hpp"

namespace waitbench {

class Timetable {
 public:
  // An empty one, with room for that many arrivals. Throws std::system_error.
  static Timetable create(std::size_t arrivals);

  // The one behind an inherited descriptor. Throws std::system_error when it cannot be mapped,
  // std::runtime_error when it is no timetable.
  static Timetable attach(int fd);

  int fd() const { return memory_.fd(); }

  // The harness, while the trial is held: arrivals from `begins_ns` on, each as late as its
  // offset says, and none to be begun after `ends_ns`. Throws std::length_error when there is no
  // room for them.
  void post(std::span<const std::int64_t> offsets_ns, std::int64_t begins_ns, std::int64_t ends_ns);

  // The clients, from any thread or process: the next arrival, each once. Empty when they are all
  // taken or it is too late, at `now_ns`, to begin one.
  std::optional<std::int64_t> take(std::int64_t now_ns) {
    if (now_ns >= page_->ends_ns) return std::nullopt;
    const std::uint64_t index = page_->next.fetch_add(1, std::memory_order_acquire);
    if (index >= page_->arrivals) return std::nullopt;
    return page_->begins_ns + offsets_ns_[index];
  }

  // When the turn is over: 0 before the first.
  std::int64_t ends_ns() const { return page_->ends_ns; }

 private:
  struct Page {
    std::uint64_t magic;
    std::uint64_t capacity;
    std::uint64_t arrivals;
    std::int64_t begins_ns;
    std::int64_t ends_ns;
    alignas(64) std::atomic<std::uint64_t> next;  // written for each query: a line of its own
  };

  explicit Timetable(SharedMemory memory);

  SharedMemory memory_;
  Page* page_;
  std::int64_t* offsets_ns_;
};

}  // namespace waitbench
