// The styles, in teaching order.
#pragma once

#include <string>
#include <string_view>

#include "impls/styles/callback.hpp"
#include "impls/styles/coroutine.hpp"
#include "impls/styles/generator.hpp"
#if WAITBENCH_WITH_FIBERS
#include "impls/styles/fiber.hpp"
#endif

namespace waitbench {

#if !WAITBENCH_WITH_FIBERS
// What stands for fibers in a build without them: its rows stay in the catalog, and say why they
// cannot be run.
template <class E>
struct Fiber {
  static constexpr std::string_view name = "fiber", phrase = "fibers, each with a stack, on";
  static std::string unavailable() { return "built without fibers"; }

  struct Slot : E::Channel {};

  Fiber(E&, const Settings&, std::size_t) {}
  bool start(Slot&, Conversation&) { return true; }
  bool resume(Slot&, Outcome) { return true; }
};
#endif

template <template <class> class... Style>
struct StyleList {};

// What is in this list is in the catalog, and is counted on the scripted engine.
using Styles = StyleList<Callback, GeneratorStyle, Coroutine, Fiber>;

}  // namespace waitbench
