// Stacks for fibers: one mapping for all of them, of which only touched pages take memory.
//
// None is reserved in advance and none is a huge page, so a fiber costs the one or two pages that
// it touches, however large its stack is. There are no guard pages between the stacks: each would
// split the mapping, and vm.max_map_count (65,530) would set a limit near 32,000 fibers.
#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>

namespace waitbench {

class Stacks {
 public:
  static constexpr std::size_t bytes_each = 64 << 10;

  explicit Stacks(std::size_t count) : bytes_(count * bytes_each) {
    if (bytes_ == 0) return;
    memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory_ == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "cannot map the stacks");
    madvise(memory_, bytes_, MADV_NOHUGEPAGE);  // a kernel without huge pages refuses, rightly
  }
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;
  ~Stacks() {
    if (bytes_ != 0) munmap(memory_, bytes_);
  }

  // The i-th stack. They do not all end at the same place within a page: what is used of a stack is
  // its end, and would fall into the same few sets of every cache.
  std::span<std::byte> operator[](std::size_t i) const {
    std::byte* const begin = static_cast<std::byte*>(memory_) + i * bytes_each;
    return {begin, bytes_each - i % colours * colour_bytes};
  }

 private:
  static constexpr std::size_t colours = 8;
  static constexpr std::size_t colour_bytes = 256;  // to which Boost.Context aligns

  std::size_t bytes_;
  void* memory_ = nullptr;
};

}  // namespace waitbench
