// How a wait ended. A wait that fails once fails again at once, so a loop that ignores it keeps a
// CPU busy for ever and does nothing.
#pragma once

#include <cerrno>
#include <system_error>

namespace waitbench {

// What a system call that waits returned: how many are ready. None are when a signal has
// interrupted it, which the caller answers by waiting again. Throws std::system_error for every
// other failure.
inline int ready_count(int result, const char* call) {
  if (result >= 0) [[likely]]
    return result;
  if (errno == EINTR) return 0;
  throw std::system_error(errno, std::generic_category(), call);
}

}  // namespace waitbench
