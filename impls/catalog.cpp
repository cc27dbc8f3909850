#include "impls/catalog.hpp"

#include <algorithm>
#include <vector>

#include "impls/engines/all.hpp"
#include "impls/kernel/models.hpp"
#include "impls/pitfalls/models.hpp"

namespace waitbench {

// In matrix.hpp, which is compiled for each engine by itself.
template <Engine E>
std::vector<CatalogRow> rows_on();

namespace {

std::size_t one(std::size_t, const Settings&) {
  return 1;
}
std::size_t all(std::size_t conversations, const Settings&) {
  return conversations;
}
std::size_t one_per_worker(std::size_t conversations, const Settings& settings) {
  return std::min(conversations, settings.workers);
}

// Of brokers.
constexpr std::size_t ends_of_queue = 2;
constexpr std::string_view one_query_is_a_task =
    "a task on its queue is one query, with one pipe for the answer";

constexpr CatalogRow kernel_rows[] = {
    {.name = "blocking",
     .style = "blocking",
     .engine = "",
     .summary = "one thread, one conversation after another",
     .max_in_flight = one,
     .make = make_blocking,
     .watches_idle = false},
    {.name = "thread-per-connection",
     .style = "thread",
     .engine = "",
     .summary = "a kernel thread for each conversation",
     .max_in_flight = all,
     .make = make_thread_per_connection,
     .conversing = Conversing::threads,
     .joins_threads = true},
    {.name = "thread-pool",
     .style = "thread",
     .engine = "",
     .summary = "a few kernel threads over a queue of queries",
     .max_in_flight = one_per_worker,
     .make = make_thread_pool,
     .conversing = Conversing::threads,
     .watches_idle = false},
    {.name = "process-per-connection",
     .style = "process",
     .engine = "",
     .summary = "a process for each conversation",
     .max_in_flight = all,
     .make = make_process_per_connection,
     .conversing = Conversing::processes,
     .forks = true,
     .cannot_join = "a process that is forked for one query takes its connection along when it "
                    "ends, and nobody else can see what it has used"},
    {.name = "process-pool",
     .style = "process",
     .engine = "",
     .summary = "a few processes, to which a parent hands out queries",
     .max_in_flight = one_per_worker,
     .make = make_process_pool,
     .conversing = Conversing::processes,
     .forks = true,
     .watches_idle = false,
     .cannot_join = "its workers share no memory, so a task of one cannot hand queries to others"},
    {.name = "process-broker-threads",
     .style = "process",
     .engine = "",
     .summary = "processes that ask another one, which has the connections and threads",
     .max_in_flight = all,
     .make = make_process_broker_threads,
     .conversing = Conversing::threads,
     .forks = true,
     .threads_each = 2,
     .descriptors_each = 2,
     .own_sockets = ends_of_queue,
     .sets_loads = false,
     .cannot_join = one_query_is_a_task},
    {.name = "process-broker-coroutines",
     .style = "process",
     .engine = "",
     .summary = "processes that ask another one, which has the connections and coroutines",
     .max_in_flight = all,
     .make = make_process_broker_coroutines,
     .forks = true,
     .descriptors_each = 2,
     .own_sockets = ends_of_queue,
     .sets_loads = false,
     .cannot_join = one_query_is_a_task},
};

constexpr CatalogRow pitfall_rows[] = {
    {.name = "pitfall-awaits-in-turn",
     .style = "coroutine",
     .engine = "epoll",
     .summary = "coroutines, each awaited before the next is started",
     .max_in_flight = all,
     .make = make_awaits_in_turn,
     .cannot_join = "it is written for conversations that ask one query at a time"},
    {.name = "pitfall-blocking-call",
     .style = "coroutine",
     .engine = "epoll",
     .summary = "coroutines that wait for their replies with a blocking call",
     .max_in_flight = all,
     .make = make_blocking_call},
    {.name = "pitfall-lock-across-wait",
     .style = "coroutine",
     .engine = "epoll",
     .summary = "coroutines that hold a lock, which they share, while they wait for their replies",
     .max_in_flight = all,
     .make = make_lock_across_wait,
     .cannot_join = "it is written for conversations that ask one query at a time"},
    {.name = "pitfall-shared-pipe",
     .style = "process",
     .engine = "",
     .summary = "processes that wait for the answers of another one at one pipe, which they share",
     .max_in_flight = all,
     .make = make_shared_pipe,
     .conversing = Conversing::threads,
     .forks = true,
     .threads_each = 2,
     .descriptors_each = 2,
     .own_sockets = ends_of_queue,
     .cannot_join = one_query_is_a_task},
    {.name = "pitfall-unbounded-fan-out",
     .style = "coroutine",
     .engine = "epoll",
     .summary = "coroutines that all ask at once, where a semaphore was to let some of them",
     .max_in_flight = all,
     .make = make_unbounded_fan_out,
     .passes_over_limits = true},
};

// The kernel-scheduled models, and then style by style each of the others on each engine.
template <Engine... E>
std::vector<CatalogRow> all_rows(EngineList<E...>) {
  std::vector<CatalogRow> rows(std::begin(kernel_rows), std::end(kernel_rows));
  const std::vector<CatalogRow> by_engine[] = {rows_on<E>()...};
  for (std::size_t style = 0; style < by_engine[0].size(); ++style)
    for (const std::vector<CatalogRow>& rows_of_engine : by_engine)
      rows.push_back(rows_of_engine[style]);
  return rows;
}

}  // namespace

std::span<const CatalogRow> catalog() {
  static const std::vector<CatalogRow> rows = all_rows(Engines());
  return rows;
}

std::span<const CatalogRow> pitfalls() {
  return pitfall_rows;
}

}  // namespace waitbench
