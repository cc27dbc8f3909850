// The ledger: one record per query, in memory shared by the harness and the processes of a trial.
//
// A trial's threads and processes write their records without a lock, and no record twice; the
// harness reads them from outside while the trial is held, so recording costs the trial a few
// stores and neither a system call nor an allocation. What was recorded survives a crash of the
// trial.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/os/shared_memory.hpp"

namespace waitbench {

// Of a query that was given up, since its time was up.
enum class Cancelled : std::uint16_t {
  no,
  before_sent,  // nobody but its client has seen it
  after_sent
};

// Times are CLOCK_MONOTONIC in ns; 0 means not yet. One cache line, so that two writers never
// share.
struct alignas(64) LedgerRecord {
  std::uint64_t id = 0;
  // Closed loop: start_ns, or when its task asked several at once, or when it was asked first, and
  // cancelled. Open loop: by the schedule; 0 for what only rests at the gate.
  std::int64_t intended_start_ns = 0;
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t received_ns = 0;  // the backend's stamps
  std::int64_t due_ns = 0;       // of what was cancelled: how long its reply was to be delayed
  std::int64_t sent_ns = 0;
  std::uint32_t client = 0;   // which of the trial's clients asked
  std::uint16_t answers = 0;  // how often it was answered: 1 when all is well, and it was not
  Cancelled cancelled = Cancelled::no;

  bool has_ended() const { return answers != 0 || cancelled != Cancelled::no; }
};
static_assert(sizeof(LedgerRecord) == 64);

class Ledger {
 public:
  // A new ledger with room for at least `queries` of them between two visits of the harness. Throws
  // std::system_error when the memory cannot be had.
  static Ledger create(std::size_t queries);

  // The ledger behind a descriptor that was inherited from its creator. Throws std::system_error
  // when it cannot be mapped, std::runtime_error when it is not a ledger.
  static Ledger attach(int fd);

  int fd() const { return memory_.fd(); }

  // Enters a new query and returns its id: 1, 2, 3 ...
  std::uint64_t begin(std::uint32_t client, std::int64_t intended_start_ns, std::int64_t start_ns) {
    const std::uint64_t id = reserve(1);
    enter(id, client, intended_start_ns, start_ns);
    return id;
  }

  // The same in two parts: so many ids, of which this is the first, for queries that are asked at
  // once. Each of them must be entered.
  std::uint64_t reserve(std::size_t queries) {
    return page_->next_id.fetch_add(queries, std::memory_order_relaxed);
  }
  void enter(std::uint64_t id, std::uint32_t client, std::int64_t intended_start_ns,
             std::int64_t start_ns) {
    LedgerRecord& entry = record(id);
    if (entry.id != 0 && !entry.has_ended()) fail("the ledger is full: unanswered queries fill it");
    entry = {
        .id = id, .intended_start_ns = intended_start_ns, .start_ns = start_ns, .client = client};
  }

  LedgerRecord& record(std::uint64_t id) { return records_[id & (page_->capacity - 1)]; }
  const LedgerRecord& record(std::uint64_t id) const {
    return records_[id & (page_->capacity - 1)];
  }

  // The id that the next query will get, so the number of queries entered is one less.
  std::uint64_t next_id() const { return page_->next_id.load(std::memory_order_acquire); }

  // The harness, before a turn: so many more queries will be let through. Those beyond them wait
  // for the next turn, and so may not be cancelled.
  void let_through(std::uint64_t queries) {
    page_->last_through.fetch_add(queries, std::memory_order_release);
  }
  bool lets_through(std::uint64_t id) const {
    return id <= page_->last_through.load(std::memory_order_acquire);
  }

  // The clients finish the query at hand and then say `done`.
  void request_stop() { page_->stopping.store(true, std::memory_order_release); }
  bool stopping() const { return page_->stopping.load(std::memory_order_relaxed); }

  // The first reason is kept: what follows is most often its consequence.
  void fail(std::string_view reason);
  bool failed() const { return page_->failure.load(std::memory_order_acquire) != unfailed; }
  std::string failure() const;  // the reason, empty while there is none

 private:
  enum Failure : std::uint32_t { unfailed, writing, written };

  struct Page {
    std::uint64_t magic;
    std::uint64_t capacity;  // records, a power of two
    std::atomic<bool> stopping;
    std::atomic<std::uint32_t> failure;
    std::atomic<std::uint64_t> last_through;  // an id
    char reason[256];
    alignas(64) std::atomic<std::uint64_t> next_id;  // written for each query: a line of its own
  };

  explicit Ledger(SharedMemory memory);

  SharedMemory memory_;
  Page* page_;
  LedgerRecord* records_;
};

}  // namespace waitbench
