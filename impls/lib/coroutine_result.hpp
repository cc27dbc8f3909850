// How a coroutine ended: with a value, or with an exception. The part of a promise that all kinds
// of coroutines have in common.
#pragma once

#include <exception>
#include <optional>
#include <utility>

namespace waitbench {

class CoroutineFailure {
 public:
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

 protected:
  void rethrow() {
    if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
  }

 private:
  std::exception_ptr exception_;
};

template <class T>
class CoroutineResult : public CoroutineFailure {
 public:
  void return_value(T value) { value_.emplace(std::move(value)); }

  // To be called once, when the coroutine has ended. Throws what the coroutine threw.
  T take_result() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class CoroutineResult<void> : public CoroutineFailure {
 public:
  void return_void() {}
  void take_result() { rethrow(); }
};

}  // namespace waitbench
