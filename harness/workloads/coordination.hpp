// What the clients of a trial wait for each other for, beside the connections of a pool: a permit,
// where only so many of them may ask at once, and a lock, which they hold while they work.
//
// Each is one of three primitives, whichever the model's clients can share: that of tasks of a
// loop, of threads, or of processes in shared memory.
#pragma once

#include <mutex>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "harness/os/shared_memory.hpp"
#include "harness/workloads/pool.hpp"
#include "harness/workloads/trial_context.hpp"
#include "impls/conversation.hpp"
#include "impls/lib/sync/blocking.hpp"
#include "impls/lib/sync/lock.hpp"
#include "impls/lib/sync/semaphore.hpp"

namespace waitbench {

// Made before the processes are forked that are to share it. It is never destroyed, since nobody
// knows which of them is the last to use it.
template <class T>
class InSharedMemory {
 public:
  template <class... With>
  explicit InSharedMemory(With... with)
      : memory_(SharedMemory::create("waitbench-sync", sizeof(T))),
        object_(new (memory_.data()) T(with...)) {}

  T& operator*() const { return *object_; }

 private:
  SharedMemory memory_;
  T* object_;
};

template <class OfLoop, class OfThreads, class OfProcesses>
class SharedByClients : public Acquirable {
 public:
  template <class... With>
  explicit SharedByClients(const TrialContext& context, With... with) {
    if (context.run_queue != nullptr)
      primitive_.template emplace<OfLoop>(*context.run_queue, with...);
    else if (context.clients_are_processes)
      primitive_.template emplace<InSharedMemory<OfProcesses>>(with...);
    else
      primitive_.template emplace<OfThreads>(with...);
  }

  bool acquire(Waiter& client) final {
    if (auto* const of_loop = std::get_if<OfLoop>(&primitive_)) return of_loop->acquire(client);
    with_blocking([](auto& blocking) {
      if constexpr (requires { blocking.lock(); })
        blocking.lock();
      else
        blocking.acquire();
    });
    return true;
  }

  void release() {
    if (auto* const of_loop = std::get_if<OfLoop>(&primitive_)) return of_loop->release();
    with_blocking([](auto& blocking) {
      if constexpr (requires { blocking.unlock(); })
        blocking.unlock();
      else
        blocking.release();
    });
  }

 private:
  template <class Action>
  void with_blocking(Action action) {
    if (auto* const of_threads = std::get_if<OfThreads>(&primitive_))
      action(*of_threads);
    else
      action(*std::get<InSharedMemory<OfProcesses>>(primitive_));
  }

  std::variant<std::monostate, OfLoop, OfThreads, InSharedMemory<OfProcesses>> primitive_;
};

// With as many permits as the cell's limit.
using Limit = SharedByClients<Semaphore, BlockingSemaphore<BetweenThreads>,
                              BlockingSemaphore<BetweenProcesses>>;
using WorkLock = SharedByClients<Lock, std::mutex, SharedLock>;

// Of one trial; empty what its cell does not ask for.
struct Coordination {
  explicit Coordination(const TrialContext& context) {
    const Cell& cell = context.config.cell;
    make_pool(context, pool);
    if (cell.limit > 0) limit.emplace(context, static_cast<unsigned>(cell.limit));
    if (cell.lock == LockUse::shared) lock.emplace(context);
  }

  std::optional<Pool> pool;
  std::optional<Limit> limit;
  std::optional<WorkLock> lock;
};

}  // namespace waitbench
