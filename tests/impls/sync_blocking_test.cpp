// The primitives between threads, and between processes in memory that they share.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <system_error>

#include "impls/lib/children.hpp"
#include "impls/lib/sync/blocking.hpp"
#include "impls/lib/threads.hpp"

namespace waitbench {
namespace {

template <class Between>
struct Company;

// Has body(0) ... body(number - 1) done side by side, and waits for their end.
template <>
struct Company<BetweenThreads> {
  static void run(std::size_t number, const auto& body) { run_in_threads(number, body); }
};
template <>
struct Company<BetweenProcesses> {
  static void run(std::size_t number, const auto& body) {
    Children children;
    for (std::size_t i = 0; i < number; ++i) children.start([&body, i] { body(i); });
    children.wait_for_all();
  }
};

// What threads share anyway, and processes if it was mapped before they were made.
template <class Between>
struct Shared {
  typename Between::Lock lock;
  typename Between::Condition changed;
  BlockingSemaphore<Between> semaphore{2};
  BlockingEvent<Between> event;
  BlockingEvent<Between> answer;
  BlockingQueue<Between, int, 3> queue;
  std::size_t counter = 0;  // guarded by the lock
  std::atomic<std::size_t> inside = 0;
  std::atomic<std::size_t> most_inside = 0;
  std::atomic<long> sum = 0;
};

template <class Between>
class BlockingSync : public testing::Test {
 protected:
  BlockingSync() : memory_(map()), shared_(new (memory_) Shared<Between>) {}
  ~BlockingSync() override {
    std::destroy_at(shared_);
    munmap(memory_, bytes);
  }

  void run(std::size_t number, const auto& body) { Company<Between>::run(number, body); }
  Shared<Between>& shared() { return *shared_; }

 private:
  static constexpr std::size_t bytes = sizeof(Shared<Between>);

  static void* map() {
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    return memory;
  }

  void* memory_;
  Shared<Between>* shared_;
};

using Companies = testing::Types<BetweenThreads, BetweenProcesses>;
struct Names {
  template <class Between>
  static std::string GetName(int) {
    return Between::between_processes ? "processes" : "threads";
  }
};
TYPED_TEST_SUITE(BlockingSync, Companies, Names);

TYPED_TEST(BlockingSync, OneAtATimeHasTheLock) {
  constexpr std::size_t each = 2'000;
  auto& shared = this->shared();
  this->run(4, [&](std::size_t) {
    for (std::size_t i = 0; i < each; ++i) {
      const std::lock_guard lock(shared.lock);
      ++shared.counter;
    }
  });
  EXPECT_EQ(shared.counter, 4 * each);
}

TYPED_TEST(BlockingSync, ASemaphoreLetsAsManyInAsItHasPermits) {
  auto& shared = this->shared();
  this->run(5, [&](std::size_t) {
    for (int i = 0; i < 500; ++i) {
      shared.semaphore.acquire();
      const std::size_t inside = ++shared.inside;
      if (inside > shared.most_inside) shared.most_inside = inside;
      --shared.inside;
      shared.semaphore.release();
    }
  });
  EXPECT_GE(shared.most_inside, 1U);
  EXPECT_LE(shared.most_inside, 2U);
  EXPECT_TRUE(shared.semaphore.try_acquire());
  EXPECT_TRUE(shared.semaphore.try_acquire());
  EXPECT_FALSE(shared.semaphore.try_acquire()) << "all permits are back, and no more";
}

TYPED_TEST(BlockingSync, AnEventThatIsSetBeforeItIsWaitedForIsNotWaitedFor) {
  auto& shared = this->shared();
  shared.event.set();
  this->run(1, [&](std::size_t) { shared.event.wait(); });
}

TYPED_TEST(BlockingSync, AnEventWakesAllWhoWait) {
  auto& shared = this->shared();
  this->run(4, [&](std::size_t i) {
    if (i == 3) shared.event.set();
    shared.event.wait();
    ++shared.inside;
  });
  EXPECT_EQ(shared.inside, 4U);
}

TYPED_TEST(BlockingSync, TwoEventsGoToAndFroAndNoneIsLost) {
  auto& shared = this->shared();
  this->run(2, [&](std::size_t i) {
    for (int turn = 0; turn < 1'000; ++turn) {
      if (i == 0) {
        shared.event.set();
        shared.answer.wait();
        shared.answer.clear();
      } else {
        shared.event.wait();
        shared.event.clear();
        shared.answer.set();
      }
    }
  });
}

TYPED_TEST(BlockingSync, AConditionWakesWhoWaitsForWhatTheLockGuards) {
  auto& shared = this->shared();
  this->run(3, [&](std::size_t i) {
    for (std::size_t turn = 0; turn < 300; ++turn) {
      std::unique_lock lock(shared.lock);
      shared.changed.wait(lock, [&] { return shared.counter % 3 == i; });
      ++shared.counter;
      shared.changed.notify_all();
    }
  });
  EXPECT_EQ(shared.counter, 900U);
}

TYPED_TEST(BlockingSync, AQueueLosesNothingAndKeepsTheOrderOfEachWhoPuts) {
  constexpr int each = 2'000;
  auto& shared = this->shared();
  std::atomic<std::size_t>& out_of_order = shared.most_inside;
  this->run(4, [&](std::size_t i) {
    int last = -1;
    for (int item = 0; item < each; ++item) {
      if (i < 2) {
        shared.queue.put(static_cast<int>(i) * each + item);
        continue;
      }
      const int got = shared.queue.get();
      shared.sum += got;
      if (got / each == 0 && std::exchange(last, got) > got) ++out_of_order;
    }
  });
  EXPECT_EQ(shared.sum, static_cast<long>(2 * each) * (2 * each - 1) / 2);
  EXPECT_EQ(out_of_order, 0U);
}

}  // namespace
}  // namespace waitbench
