#include "impls/catalog.hpp"

#include <algorithm>

#include "impls/engines/epoll.hpp"
#include "impls/engines/io_uring.hpp"
#include "impls/engines/libuv.hpp"
#include "impls/engines/poll.hpp"
#include "impls/engines/select.hpp"
#include "impls/kernel/blocking.hpp"
#include "impls/kernel/process_per_connection.hpp"
#include "impls/kernel/process_pool.hpp"
#include "impls/kernel/thread_per_connection.hpp"
#include "impls/kernel/thread_pool.hpp"
#include "impls/loop.hpp"
#include "impls/loops.hpp"
#include "impls/pitfalls/awaits_in_turn.hpp"
#include "impls/pitfalls/blocking_call.hpp"
#include "impls/styles/callback.hpp"
#include "impls/styles/coroutine.hpp"
#include "impls/styles/fiber.hpp"
#include "impls/styles/generator.hpp"

namespace waitbench {
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

template <template <class> class Style, Engine E>
std::unique_ptr<Model> make_loop(std::span<Conversation* const> conversations,
                                 const Settings& settings) {
  if (settings.loops > 1) return std::make_unique<Loops<Style, E>>(conversations, settings);
  return std::make_unique<Loop<Style, E>>(conversations, settings);
}

// A row of the matrix, called <style>-<engine>. An engine that has a limit of its own, or that a
// machine may not allow, says so itself.
template <template <class> class Style, Engine E>
constexpr CatalogRow loop(std::string_view name, std::string_view summary) {
  const std::size_t dash = name.find('-');
  CatalogRow row = {.name = name,
                    .style = name.substr(0, dash),
                    .engine = name.substr(dash + 1),
                    .summary = summary,
                    .max_in_flight = all,
                    .make = make_loop<Style, E>};
  if constexpr (requires { E::max_connections; }) row.max_connections = E::max_connections;
  if constexpr (requires { E::unavailable(); }) row.unavailable = E::unavailable;
  return row;
}

constexpr CatalogRow rows[] = {
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
     .make = make_thread_per_connection},
    {.name = "thread-pool",
     .style = "thread",
     .engine = "",
     .summary = "a few kernel threads over a queue of queries",
     .max_in_flight = one_per_worker,
     .make = make_thread_pool,
     .watches_idle = false},
    {.name = "process-per-connection",
     .style = "process",
     .engine = "",
     .summary = "a process for each conversation",
     .max_in_flight = all,
     .make = make_process_per_connection},
    {.name = "process-pool",
     .style = "process",
     .engine = "",
     .summary = "a few processes, to which a parent hands out queries",
     .max_in_flight = one_per_worker,
     .make = make_process_pool,
     .watches_idle = false},
    loop<Callback, Select>("callback-select", "callbacks on a select loop"),
    loop<Callback, Poll>("callback-poll", "callbacks on a poll loop"),
    loop<Callback, Epoll>("callback-epoll", "callbacks on an epoll loop"),
    loop<Callback, Libuv>("callback-libuv", "callbacks on a libuv loop"),
    loop<Callback, IoUring>("callback-io_uring", "callbacks on an io_uring loop"),
    loop<GeneratorStyle, Select>("generator-select", "generators driven by a select loop"),
    loop<GeneratorStyle, Poll>("generator-poll", "generators driven by a poll loop"),
    loop<GeneratorStyle, Epoll>("generator-epoll", "generators driven by an epoll loop"),
    loop<GeneratorStyle, Libuv>("generator-libuv", "generators driven by a libuv loop"),
    loop<GeneratorStyle, IoUring>("generator-io_uring", "generators driven by an io_uring loop"),
    loop<Coroutine, Select>("coroutine-select", "stackless C++20 coroutines on a select loop"),
    loop<Coroutine, Poll>("coroutine-poll", "stackless C++20 coroutines on a poll loop"),
    loop<Coroutine, Epoll>("coroutine-epoll", "stackless C++20 coroutines on an epoll loop"),
    loop<Coroutine, Libuv>("coroutine-libuv", "stackless C++20 coroutines on a libuv loop"),
    loop<Coroutine, IoUring>("coroutine-io_uring",
                             "stackless C++20 coroutines on an io_uring loop"),
    loop<Fiber, Select>("fiber-select", "fibers, each with a stack, on a select loop"),
    loop<Fiber, Poll>("fiber-poll", "fibers, each with a stack, on a poll loop"),
    loop<Fiber, Epoll>("fiber-epoll", "fibers, each with a stack, on an epoll loop"),
    loop<Fiber, Libuv>("fiber-libuv", "fibers, each with a stack, on a libuv loop"),
    loop<Fiber, IoUring>("fiber-io_uring", "fibers, each with a stack, on an io_uring loop"),
};

constexpr CatalogRow pitfall_rows[] = {
    {.name = "pitfall-awaits-in-turn",
     .style = "coroutine",
     .engine = "epoll",
     .summary = "coroutines, each awaited before the next is started",
     .max_in_flight = all,
     .make = make_awaits_in_turn},
    {.name = "pitfall-blocking-call",
     .style = "coroutine",
     .engine = "epoll",
     .summary = "coroutines that wait for their replies with a blocking call",
     .max_in_flight = all,
     .make = make_blocking_call},
};

}  // namespace

std::span<const CatalogRow> catalog() {
  return rows;
}

std::span<const CatalogRow> pitfalls() {
  return pitfall_rows;
}

}  // namespace waitbench
