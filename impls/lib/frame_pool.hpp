// Memory for coroutine frames: what one frame gives back, the next one of its size takes.
//
// A program that nests coroutines makes and drops a frame at each call. Sizes are few and order
// does not matter, so a free list per size does, and taking and giving are a few instructions. A
// thread has a pool of its own; a frame that ends on another thread joins that thread's pool.
// Frames of two sizes never share a list, since rounding up would leave less room in the caches.
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

  // To be called at the end of the thread. There is no destructor on purpose: it would add a guard
  // check to each access to the thread_local object, which costs half of take().
  void clear() {
    for (Block*& block : free_)
      while (block != nullptr) ::operator delete(std::exchange(block, block->next));
  }

 private:
  static constexpr std::size_t granule = 8;   // bytes: a compiler makes frames of whole words
  static constexpr std::size_t classes = 64;  // larger frames are not kept

  struct Block {
    Block* next;
  };

  static constexpr std::size_t size_class(std::size_t bytes) { return (bytes - 1) / granule; }

  std::array<Block*, classes> free_{};
};

inline thread_local constinit FramePool frame_pool;
inline thread_local constinit bool frame_pool_is_cleared_at_end = false;

[[gnu::cold, gnu::noinline]] inline void clear_frame_pool_at_end_of_thread() {
  struct Clearing {
    ~Clearing() { frame_pool.clear(); }
  };
  thread_local const Clearing at_end;
  frame_pool_is_cleared_at_end = true;
}

// The address sanitizer finds a frame that is used after its end only if its memory was freed.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool frames_are_pooled = false;
#else
inline constexpr bool frames_are_pooled = true;
#endif

// A promise that derives from this has its frame in the pool.
struct PooledFrame {
  static void* operator new(std::size_t bytes) {
    return frames_are_pooled ? frame_pool.take(bytes) : ::operator new(bytes);
  }

  static void operator delete(void* frame, std::size_t bytes) {
    if (!frames_are_pooled) return ::operator delete(frame);
    if (!frame_pool_is_cleared_at_end) clear_frame_pool_at_end_of_thread();
    frame_pool.give(frame, bytes);
  }
};

}  // namespace waitbench
