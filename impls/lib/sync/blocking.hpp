// The same five primitives between threads and between processes: here to wait is to sleep in the
// kernel, and it decides who is woken first.
//
// Between threads they are the standard library's; between processes the POSIX ones, which lie in
// memory that the processes share. Semaphores are POSIX ones in both: that of the C++ library looks
// several times before it sleeps. What neither has, an event and a bounded queue, is made of a lock
// and conditions, the same for both. A process that ends while it holds a lock holds it for ever.
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <system_error>
#include <type_traits>
#include <utility>

namespace waitbench {

inline void check_sync(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

// A lock of pthreads that processes can share, for std::unique_lock and its like.
class SharedLock {
 public:
  SharedLock() {
    pthread_mutexattr_t shared;
    check_sync(pthread_mutexattr_init(&shared), "pthread_mutexattr_init");
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    const int error = pthread_mutex_init(&mutex_, &shared);
    pthread_mutexattr_destroy(&shared);
    check_sync(error, "pthread_mutex_init");
  }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;
  ~SharedLock() { pthread_mutex_destroy(&mutex_); }

  void lock() { check_sync(pthread_mutex_lock(&mutex_), "pthread_mutex_lock"); }
  bool try_lock() { return pthread_mutex_trylock(&mutex_) == 0; }
  void unlock() { pthread_mutex_unlock(&mutex_); }

  pthread_mutex_t* native_handle() { return &mutex_; }

 private:
  pthread_mutex_t mutex_;
};

class SharedCondition {
 public:
  SharedCondition() {
    pthread_condattr_t shared;
    check_sync(pthread_condattr_init(&shared), "pthread_condattr_init");
    pthread_condattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    const int error = pthread_cond_init(&condition_, &shared);
    pthread_condattr_destroy(&shared);
    check_sync(error, "pthread_cond_init");
  }
  SharedCondition(const SharedCondition&) = delete;
  SharedCondition& operator=(const SharedCondition&) = delete;
  ~SharedCondition() { pthread_cond_destroy(&condition_); }

  void wait(std::unique_lock<SharedLock>& lock) {
    check_sync(pthread_cond_wait(&condition_, lock.mutex()->native_handle()), "pthread_cond_wait");
  }
  template <class Predicate>
  void wait(std::unique_lock<SharedLock>& lock, Predicate is_so) {
    while (!is_so()) wait(lock);
  }
  void notify_one() { pthread_cond_signal(&condition_); }
  void notify_all() { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_;
};

// Who shares the primitives.
struct BetweenThreads {
  using Lock = std::mutex;
  using Condition = std::condition_variable;
  static constexpr bool between_processes = false;
};
struct BetweenProcesses {
  using Lock = SharedLock;
  using Condition = SharedCondition;
  static constexpr bool between_processes = true;
};

template <class Between>
class BlockingSemaphore {
 public:
  explicit BlockingSemaphore(unsigned permits) {
    if (sem_init(&permits_, Between::between_processes, permits) != 0)
      check_sync(errno, "sem_init");
  }
  BlockingSemaphore(const BlockingSemaphore&) = delete;
  BlockingSemaphore& operator=(const BlockingSemaphore&) = delete;
  ~BlockingSemaphore() { sem_destroy(&permits_); }

  void acquire() {
    while (sem_wait(&permits_) != 0)
      if (errno != EINTR) check_sync(errno, "sem_wait");
  }
  bool try_acquire() { return sem_trywait(&permits_) == 0; }
  void release() {
    if (sem_post(&permits_) != 0) check_sync(errno, "sem_post");
  }

 private:
  sem_t permits_;
};

template <class Between>
class BlockingEvent {
 public:
  void wait() {
    std::unique_lock lock(lock_);
    happened_.wait(lock, [this] { return set_; });
  }
  void set() {
    {
      const std::lock_guard lock(lock_);
      set_ = true;
    }
    happened_.notify_all();
  }
  void clear() {
    const std::lock_guard lock(lock_);
    set_ = false;
  }

 private:
  typename Between::Lock lock_;
  typename Between::Condition happened_;
  bool set_ = false;
};

template <class Between, class T, std::size_t capacity>
class BlockingQueue {
  static_assert(!Between::between_processes || std::is_trivially_copyable_v<T>,
                "what an item points to is not shared");

 public:
  void put(T item) {
    {
      std::unique_lock lock(lock_);
      room_.wait(lock, [this] { return size_ < capacity; });
      slots_[(first_ + size_++) % capacity] = std::move(item);
    }
    items_.notify_one();
  }
  T get() {
    std::unique_lock lock(lock_);
    items_.wait(lock, [this] { return size_ > 0; });
    T item = std::move(slots_[first_]);
    first_ = (first_ + 1) % capacity;
    --size_;
    lock.unlock();
    room_.notify_one();
    return item;
  }

 private:
  typename Between::Lock lock_;
  typename Between::Condition room_;
  typename Between::Condition items_;
  std::array<T, capacity> slots_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace waitbench
