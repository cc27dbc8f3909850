#include "impls/catalog.hpp"

#include "impls/engines/epoll.hpp"
#include "impls/kernel/blocking.hpp"
#include "impls/kernel/thread_per_connection.hpp"
#include "impls/loop.hpp"
#include "impls/styles/callback.hpp"
#include "impls/styles/coroutine.hpp"

namespace waitbench {
namespace {

std::size_t one(std::size_t, const Settings&) { return 1; }
std::size_t all(std::size_t conversations, const Settings&) { return conversations; }

template <template <class> class Style, Engine E>
std::unique_ptr<Model> make_loop(std::span<Conversation* const> talks, const Settings& settings) {
  return std::make_unique<Loop<Style, E>>(talks, settings);
}

constexpr CatalogRow rows[] = {
    {"blocking", "blocking", "", "one thread, one conversation after another", one, make_blocking},
    {"thread-per-connection", "thread", "", "a kernel thread for each conversation", all,
     make_thread_per_connection},
    {"callback-epoll", "callback", "epoll", "callbacks on an epoll loop", all,
     make_loop<Callback, Epoll>},
    {"coroutine-epoll", "coroutine", "epoll", "stackless C++20 coroutines on an epoll loop", all,
     make_loop<Coroutine, Epoll>},
};

}  // namespace

std::span<const CatalogRow> catalog() { return rows; }

}  // namespace waitbench
