// A pool of connections, which a trial's clients share: how one of them comes by a connection.
//
//   client --acquire--> has a connection, or waits for one --release--> the next one has it
//
// The rule (dispatch) says when a query is bound to a connection: when it is issued, or when a
// connection is idle. A query that is bound early may wait while another connection is idle. It is
// made of the primitives for tasks of a loop: a lock for each connection, or a queue of those that
// are idle. Clients that are threads wait in the same lines, in a monitor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "harness/os/random.hpp"
#include "harness/workloads/trial_context.hpp"
#include "impls/conversation.hpp"
#include "impls/lib/sync/lock.hpp"
#include "impls/lib/sync/monitor.hpp"
#include "impls/lib/sync/queue.hpp"

namespace waitbench {

class Lease;

class Pool {
 public:
  // `of_loop`: the run queue of the loop in which all the clients are tasks; null: they are
  // threads.
  Pool(std::size_t connections, Dispatch dispatch, std::uint64_t seed, RunQueue* of_loop);

 private:
  friend class Lease;

  struct Connection {
    explicit Connection(RunQueue& run_queue) : lock(run_queue) {}

    Lock lock;                // held by the client that uses it
    std::size_t clients = 0;  // bound to it: the one that uses it, and those that wait
    bool is_open = false;
  };

  RunQueue& run_queue() { return monitor_ ? monitor_->run_queue() : *of_loop_; }
  std::size_t choose();
  bool begin(Lease& lease, Waiter& client);
  void bind(Lease& lease);
  void give_back(Lease& lease);

  std::optional<Monitor> monitor_;  // where the clients are threads
  RunQueue* of_loop_;
  Dispatch dispatch_;
  Random random_;
  std::size_t dealt_ = 0;  // connections, to the first queries
  std::deque<Connection> connections_;
  Queue<std::size_t> idle_;  // for first-free: the one that has been idle for longest comes first
};

// Makes the pool of a trial in `place`, if its cell has one.
void make_pool(const TrialContext& context, std::optional<Pool>& place);

// What one client has of a pool: nothing, or a connection that nobody else uses meanwhile.
class Lease final : public Acquirable {
 public:
  explicit Lease(Pool& pool) : pool_(pool) {}

  bool acquire(Waiter& client) override;

  // Once it is acquired: the number of the connection.
  std::size_t connection() {
    if (!connection_) pool_.bind(*this);
    return *connection_;
  }
  // Whether it has been opened, and not closed since.
  bool& is_open() { return pool_.connections_[connection()].is_open; }

  bool is_held() const { return connection_.has_value(); }

  void release();

 private:
  friend class Pool;

  Pool& pool_;
  std::optional<std::size_t> connection_;
};

}  // namespace waitbench
