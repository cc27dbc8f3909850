// Memory for coroutine frames: what one frame gives back, the next one of about its size takes.
//
// A program that nests coroutines makes and drops a frame at each call. Sizes are few and order
// does not matter, so a free list per size does, and taking and giving are a few instructions. A
// thread has a pool of its own; a frame that ends on another thread joins that thread's pool.
#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace waitbench {

class FramePool {
 public:
  constexpr FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool() {
    for (Block* block : free_)
      while (block != nullptr) ::operator delete(std::exchange(block, block->next));
  }

  void* take(std::size_t bytes) {
    const std::size_t size = size_class(bytes);
    if (size >= classes) return ::operator new(bytes);
    Block* block = free_[size];
    if (block == nullptr) return ::operator new((size + 1) * granule);
    free_[size] = block->next;
    return block;
  }

  void give(void* memory, std::size_t bytes) {
    const std::size_t size = size_class(bytes);
    if (size >= classes) return ::operator delete(memory);
    free_[size] = new (memory) Block{free_[size]};
  }

 private:
  static constexpr std::size_t granule = 64;  // bytes: sizes are rounded up to its multiples
  static constexpr std::size_t classes = 16;  // larger frames are not kept

  struct Block {
    Block* next;
  };

  static constexpr std::size_t size_class(std::size_t bytes) { return (bytes - 1) / granule; }

  std::array<Block*, classes> free_{};
};

inline thread_local FramePool frame_pool;

// A promise that derives from this has its frame in the pool.
struct PooledFrame {
  static void* operator new(std::size_t bytes) { return frame_pool.take(bytes); }
  static void operator delete(void* frame, std::size_t bytes) { frame_pool.give(frame, bytes); }
};

}  // namespace waitbench
