// The timetable of an open loop: when each query of a turn is to begin, in memory that the harness
// shares with the processes of a trial.
//
// Whichever client is free takes the next arrival, as whichever clerk is free serves the next
// customer. So a query waits only when all the clients are busy, a model that can run one of them
// at a time still has the whole schedule before it, and the schedule is exact, whatever its shape:
// none of this would hold if each client had a part of it to itself.
//
// In a closed loop it has no times: it hands out tickets for the queries of a turn, where the
// server cannot count them. Clients that find none rest until the next turn.
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
  // An empty one, with room for that many arrivals, for so many clients. Throws
  // std::system_error.
  static Timetable create(std::size_t arrivals, std::size_t clients = 0);

  // The one behind an inherited descriptor. Throws std::system_error when it cannot be mapped,
  // std::runtime_error when it is no timetable.
  static Timetable attach(int fd);

  int fd() const { return memory_.fd(); }

  // The harness, while the trial is held: arrivals from `begins_ns` on, each as late as its
  // offset says, and none to be begun after `ends_ns`. Throws std::length_error when there is no
  // room for them.
  void post(std::span<const std::int64_t> offsets_ns, std::int64_t begins_ns, std::int64_t ends_ns);

  // The harness, while the trial is held: the next turn of a closed loop has so many queries.
  void post_tickets(std::uint64_t queries);

  // The clients, from any thread or process: the next arrival, each once. Empty when they are all
  // taken or it is too late, at `now_ns`, to begin one. In a closed loop it is due at once.
  std::optional<std::int64_t> take(std::int64_t now_ns) {
    if (page_->is_closed_loop) return take_ticket(now_ns);
    if (now_ns >= page_->ends_ns) return std::nullopt;
    const std::uint64_t index = page_->next.fetch_add(1, std::memory_order_acquire);
    if (index >= page_->arrivals) return std::nullopt;
    return page_->begins_ns + offsets_ns_[index];
  }

  // When the turn is over: 0 before the first, and in a closed loop.
  std::int64_t ends_ns() const { return page_->ends_ns; }

  // When the last ticket was taken.
  std::int64_t exhausted_ns() const { return page_->exhausted_ns; }

  // Which turn's end a rest waits for: the clients rest until the harness begins the next one.
  std::uint32_t turn() const { return page_->turn.load(std::memory_order_acquire); }
  void begin_next_turn() { page_->turn.fetch_add(1, std::memory_order_release); }

  // How many clients rest when the trial is held; before it starts. With `fewest` above 0, fewer
  // are enough after a turn, as long as all the others wait for a connection behind them.
  void set_rests(std::uint32_t rests, std::uint32_t fewest) {
    page_->rests = rests;
    page_->fewest = fewest;
  }

  // The clients: when they begin to rest and when they go on.
  void begin_rest(std::int64_t now_ns) {
    const std::uint32_t resting = page_->resting.fetch_add(1, std::memory_order_acq_rel) + 1;
    if (resting >= page_->rests || page_->fewest > 0)
      page_->held_ns.store(now_ns, std::memory_order_release);
  }
  void end_rest() { page_->resting.fetch_sub(1, std::memory_order_relaxed); }

  // The clients of a pool: when they begin to wait for a connection, and when they have one.
  void begin_wait() { page_->waiting.fetch_add(1, std::memory_order_acq_rel); }
  void end_wait() { page_->waiting.fetch_sub(1, std::memory_order_relaxed); }

  // How many clients rest, as far as they know, if those are enough; and since when. With a pool of
  // workers there may be more, which have nobody yet to ask for them. A client that goes on from
  // waiting to rest is not counted in between, so all that are counted have nothing under way.
  std::optional<std::uint32_t> enough_rests() const {
    const std::uint32_t resting = page_->resting.load(std::memory_order_acquire);
    if (resting >= page_->rests) return resting;
    const bool may_be_fewer = page_->fewest > 0 && resting >= page_->fewest && turn() > 0 &&
                              page_->next.load(std::memory_order_acquire) >= page_->arrivals;
    if (!may_be_fewer) return std::nullopt;
    const std::uint32_t waiting = page_->waiting.load(std::memory_order_acquire);
    return resting + waiting >= page_->clients ? std::optional(resting) : std::nullopt;
  }
  std::int64_t held_ns() const { return page_->held_ns.load(std::memory_order_acquire); }

 private:
  struct Page {
    std::uint64_t magic;
    std::uint64_t capacity;
    std::uint64_t arrivals;
    std::int64_t begins_ns;
    std::int64_t ends_ns;
    std::int64_t exhausted_ns;
    std::uint32_t clients;
    std::uint32_t rests;
    std::uint32_t fewest;
    bool is_closed_loop;
    std::atomic<std::uint32_t> turn;
    std::atomic<std::int64_t> held_ns;
    alignas(64) std::atomic<std::uint64_t> next;  // written for each query: a line of its own
    alignas(64) std::atomic<std::uint32_t> resting;
    std::atomic<std::uint32_t> waiting;
  };

  std::optional<std::int64_t> take_ticket(std::int64_t now_ns) {
    const std::uint64_t index = page_->next.fetch_add(1, std::memory_order_acquire);
    if (index + 1 == page_->arrivals) page_->exhausted_ns = now_ns;
    return index < page_->arrivals ? std::optional(now_ns) : std::nullopt;
  }

  explicit Timetable(SharedMemory memory);

  SharedMemory memory_;
  Page* page_;
  std::int64_t* offsets_ns_;
};

}  // namespace waitbench
