// The table of contents: every model that can be run. `list`, verification, tests, the names of
// benchmarks and the labels of charts all derive from it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "impls/conversation.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

// What a model's conversations are to each other: tasks of one thread, or not even in one process.
enum class Conversing { one_thread, threads, processes };

struct CatalogRow {
  std::string_view name;   // the same string in results, charts and documents
  std::string_view style;  // who remembers where we were
  // Who tells us that it is time; empty when it is the kernel, by blocking.
  std::string_view engine;
  std::string_view summary;

  // How many queries the model can have under way when it is given `conversations` of them.
  std::size_t (*max_in_flight)(std::size_t conversations, const Settings& settings);

  // The model, ready to run. The conversations must outlive it.
  std::unique_ptr<Model> (*make)(std::span<Conversation* const> conversations,
                                 const Settings& settings);

  // How one of its conversations may wait for another.
  Conversing conversing = Conversing::one_thread;

  // Whether its conversations are in processes that run() forks, and not in that which calls it.
  bool forks = false;

  // How many threads and processes it starts, and how many descriptors one of its processes has
  // open, for each of its conversations.
  std::size_t threads_each = 1;
  std::size_t descriptors_each = 1;

  // Sockets that it has open beside its connections.
  std::size_t own_sockets = 0;

  // Whether loads at which models are compared have to be such that it sustains them. What does
  // much more for a query than the others would slow all of them down.
  bool sets_loads = true;

  // Whether it can wait for connections on which nothing may ever happen, beside the busy ones.
  bool watches_idle = true;

  // Why its tasks cannot start others and wait for their ends, as a clause; empty when they can.
  std::string_view cannot_join{};

  // Whether it starts a thread for each child of a join. The kernel forgets with a thread how often
  // it was switched.
  bool joins_threads = false;

  // Whether it does not wait for the permits of a limit: there is nothing to be seen without one.
  bool passes_over_limits = false;

  // How many connections its mechanism can watch at once; 0: it has no limit of its own.
  std::size_t max_connections = 0;

  // Why this machine does not allow it, as a clause; empty when it does. Null: it always does.
  std::string (*unavailable)() = nullptr;
};

// In teaching order.
std::span<const CatalogRow> catalog();

// Common mistakes that look like a model of the catalog. Each claims what it was meant to do, and
// verification shows that it does not do it.
std::span<const CatalogRow> pitfalls();

}  // namespace waitbench
