// Compiled by awaits.cmake, never linked: a Task that awaits a Task, or where AWAIT_A_NUMBER is
// defined what cannot be awaited.
#include "impls/lib/task.hpp"

namespace waitbench {

Task<int> answer() {
  co_return 42;
}

Task<int> ask() {
#if defined(AWAIT_A_NUMBER)
  const int got = co_await 42;
#else
  const int got = co_await answer();
#endif
  co_return got;
}

}  // namespace waitbench
