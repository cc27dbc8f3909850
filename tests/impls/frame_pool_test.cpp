#include "impls/lib/frame_pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <thread>
#include <vector>

namespace waitbench {
namespace {

TEST(FramePool, TakesAgainWhatWasGivenLast) {
  FramePool pool;
  void* const first = pool.take(100);
  void* const second = pool.take(100);
  EXPECT_NE(first, second);
  pool.give(first, 100);
  pool.give(second, 100);
  EXPECT_EQ(pool.take(97), second) << "as many words";
  EXPECT_EQ(pool.take(100), first);
  pool.give(first, 100);
  pool.give(second, 100);
  pool.clear();
}

TEST(FramePool, GivesEachSizeRoomEnough) {
  FramePool pool;
  for (int round = 0; round < 2; ++round) {
    std::vector<void*> blocks;
    for (std::size_t bytes = 1; bytes <= 2000; ++bytes) {
      blocks.push_back(pool.take(bytes));
      std::memset(blocks.back(), static_cast<int>(bytes % 256), bytes);
    }
    for (std::size_t bytes = 1; bytes <= 2000; ++bytes) {
      const auto* block = static_cast<const unsigned char*>(blocks[bytes - 1]);
      ASSERT_EQ(block[0], bytes % 256);
      ASSERT_EQ(block[bytes - 1], bytes % 256);
      pool.give(blocks[bytes - 1], bytes);
    }
  }
  pool.clear();
}

TEST(FramePool, OfOneThreadMayGetWhatAnotherTook) {
  FramePool pool;
  void* taken = nullptr;
  std::jthread([&] { taken = frame_pool.take(64); }).join();
  pool.give(taken, 64);
  EXPECT_EQ(pool.take(64), taken);
  pool.give(taken, 64);
  pool.clear();
}

struct Promise : PooledFrame {
  std::array<std::byte, 100> locals;
};

#if defined(__SANITIZE_ADDRESS__)

TEST(PooledFrame, IsNotPooledWhereASanitizerWatchesItsUse) {
  auto* const promise = new Promise;
  delete promise;
  EXPECT_DEATH(promise->locals[0] = {}, "heap-use-after-free");
}

#else

TEST(PooledFrame, IsTheOneThatEndedLast) {
  auto* const first = new Promise;
  delete first;
  auto* const second = new Promise;
  EXPECT_EQ(first, second);
  delete second;
}

#endif

TEST(PooledFrame, MayEndOnAThreadThatMadeNone) {
  auto* const promise = new Promise;
  std::jthread([promise] { delete promise; }).join();
}

}  // namespace
}  // namespace waitbench
