#include "harness/workloads/pool.hpp"

#include <algorithm>

namespace waitbench {

Pool::Pool(std::size_t connections, Dispatch dispatch, std::uint64_t seed, RunQueue* of_loop)
    : of_loop_(of_loop),
      dispatch_(dispatch),
      random_(seed),
      idle_((of_loop == nullptr ? monitor_.emplace().run_queue() : *of_loop), connections) {
  for (std::size_t i = 0; i < connections; ++i) {
    connections_.emplace_back(run_queue());
    Waiter nobody;
    idle_.begin_put(nobody);
    idle_.finish_put(i);
  }
}

// Of the connections with the fewest clients, the one with the lowest number. Also at random, each
// gets one of the first queries, so that all are open when the first replies are withheld.
std::size_t Pool::choose() {
  if (dispatch_ == Dispatch::random)
    return dealt_ < connections_.size() ? dealt_++ : random_.next() % connections_.size();
  const auto least = std::ranges::min_element(connections_, {}, &Connection::clients);
  return static_cast<std::size_t>(least - connections_.begin());
}

bool Pool::begin(Lease& lease, Waiter& client) {
  if (dispatch_ == Dispatch::first_free) return idle_.begin_get(client);
  Connection& chosen = connections_[lease.connection_.emplace(choose())];
  ++chosen.clients;
  return chosen.lock.acquire(client);
}

// To the connection that it was granted, where that was not chosen when it began.
void Pool::bind(Lease& lease) {
  if (!lease.connection_) lease.connection_ = idle_.finish_get();
}

void Pool::give_back(Lease& lease) {
  const std::size_t number = *lease.connection_;
  lease.connection_.reset();
  if (dispatch_ == Dispatch::first_free) {
    Waiter nobody;
    idle_.begin_put(nobody);  // there is room for all of them
    idle_.finish_put(number);
    return;
  }
  --connections_[number].clients;
  connections_[number].lock.release();
}

void make_pool(const TrialContext& context, std::optional<Pool>& place) {
  const Cell& cell = context.config.cell;
  if (cell.connections.is_pool())
    place.emplace(cell.client_connections(), cell.dispatch, context.config.seed, context.run_queue);
}

bool Lease::acquire(Waiter& client) {
  if (!pool_.monitor_) return pool_.begin(*this, client);
  pool_.monitor_->acquire([&](Waiter& thread) { return pool_.begin(*this, thread); },
                          [&] { pool_.bind(*this); });
  return true;
}

void Lease::release() {
  if (!pool_.monitor_) return pool_.give_back(*this);
  pool_.monitor_->release([&] { pool_.give_back(*this); });
}

}  // namespace waitbench
