// The engines, in teaching order.
#pragma once

#include <string>

#include "impls/engine.hpp"
#include "impls/engines/epoll.hpp"
#include "impls/engines/left_out.hpp"
#include "impls/engines/poll.hpp"
#include "impls/engines/select.hpp"
#if WAITBENCH_WITH_LIBUV
#include "impls/engines/libuv.hpp"
#endif
#if WAITBENCH_WITH_IO_URING
#include "impls/engines/io_uring.hpp"
#endif

namespace waitbench {

#if !WAITBENCH_WITH_LIBUV
struct Libuv : LeftOutEngine {
  static constexpr std::string_view name = "libuv", phrase = "a libuv loop";
  static std::string unavailable() { return "built without libuv"; }
};
#endif
#if !WAITBENCH_WITH_IO_URING
struct IoUring : LeftOutEngine {
  static constexpr std::string_view name = "io_uring", phrase = "an io_uring loop";
  static std::string unavailable() { return "built without io_uring"; }
};
#endif

template <Engine... E>
struct EngineList {};

// What is in this list is in the catalog, in the micro families and in the tests of all engines.
// impls/CMakeLists.txt has the same list, since each engine's models are compiled in a file of
// their own.
using Engines = EngineList<Select, Poll, Epoll, Libuv, IoUring>;

// Why this machine, or this build, does not allow an engine; null for one that is always allowed.
template <Engine E>
constexpr std::string (*unavailable_of())() {
  if constexpr (requires { E::unavailable(); }) return E::unavailable;
  return nullptr;
}

}  // namespace waitbench
