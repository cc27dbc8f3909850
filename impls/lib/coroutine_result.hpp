// How a coroutine ended: with a value, or with an exception. The part of a promise that all kinds
// of coroutines have in common.
#pragma once

#include <exception>
#include <optional>
#include <utility>

namespace waitbench {

class CoroutineFailure {
 public:
  [[gnu::cold, gnu::noinline]] void unhandled_exception() noexcept {
    exception_ = std::current_exception();
  }
  bool failed() const { return exception_ != nullptr; }

 protected:
  void rethrow_failure() {
    if (exception_ != nullptr) throw_it();
  }

 private:
  // By itself, since the object that it makes would cost every coroutine that awaits another.
  [[noreturn, gnu::cold, gnu::noinline]] void throw_it() {
    std::rethrow_exception(std::exchange(exception_, nullptr));
  }

  std::exception_ptr exception_;
};

template <class T>
class CoroutineResult : public CoroutineFailure {
 public:
  void return_value(T value) { value_.emplace(std::move(value)); }

  // To be called once, when the coroutine has ended. Throws what the coroutine threw, and
  // std::bad_optional_access if it has ended in no way of its own.
  T take_result() {
    rethrow_failure();
    return std::move(value_).value();
  }

 private:
  std::optional<T> value_;
};

template <>
class CoroutineResult<void> : public CoroutineFailure {
 public:
  void return_void() {}
  void take_result() { rethrow_failure(); }
};

}  // namespace waitbench
