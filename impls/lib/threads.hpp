// A thread for each of many, which all begin together or not at all: should the machine refuse one,
// those that are there have not begun, and can end.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace waitbench {

// What the first of several threads threw.
class FirstFailure {
 public:
  template <class Function>
  void keep_of(const Function& function) noexcept {
    try {
      function();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (exception_ == nullptr) exception_ = std::current_exception();
    }
  }

  bool any() {
    const std::lock_guard lock(mutex_);
    return exception_ != nullptr;
  }

  // If there was one. To be called when the threads have ended.
  void rethrow() {
    if (any()) std::rethrow_exception(exception_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr exception_;
};

// Calls body(0) ... body(number - 1), each in a thread of its own, and waits for their end. Throws
// std::system_error when the machine refuses a thread; `body` was not called then. When calls
// throw, the first exception is thrown on once all have ended.
template <class Body>
void run_in_threads(std::size_t number, const Body& body) {
  enum class Start { wait, go, give_up };
  std::atomic<Start> start = Start::wait;
  const auto tell_all = [&start](Start what) {
    start = what;
    start.notify_all();
  };
  FirstFailure failure;
  std::vector<std::jthread> threads;
  threads.reserve(number);
  try {
    for (std::size_t i = 0; i < number; ++i)
      threads.emplace_back([&start, &body, &failure, i] {
        start.wait(Start::wait);
        if (start == Start::go) failure.keep_of([&] { body(i); });
      });
  } catch (const std::system_error& error) {
    tell_all(Start::give_up);
    throw std::system_error(error.code(), "cannot start a thread");
  }
  tell_all(Start::go);
  threads.clear();  // joins them
  failure.rethrow();
}

}  // namespace waitbench
