// How much of the stack a program uses between the calls of note(): what a test measures that says
// something does not grow it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace waitbench {

class StackExtent {
 public:
  [[gnu::noinline]] void note() {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    lowest_ = std::min(lowest_, here);
    highest_ = std::max(highest_, here);
  }

  std::uintptr_t bytes() const { return highest_ - lowest_; }

 private:
  std::uintptr_t lowest_ = std::numeric_limits<std::uintptr_t>::max();
  std::uintptr_t highest_ = 0;
};

// What a few nested calls may take in a build with sanitizers. A million, growing by no more than a
// return address each, would take 8 MB.
constexpr std::uintptr_t few_calls_bytes = 16 * 1024;

}  // namespace waitbench
