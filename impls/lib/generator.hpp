// A generator as in Python (PEP 342, PEP 380): it yields values to its driver, is sent a value back
// each time it is resumed, may delegate to another generator, and ends with a return value.
//
//   Generator<int, int, std::string> child() {      Generator<int, int> parent() {
//     const int answer = co_yield 1;                  const std::string said =
//     co_return "I was sent " + ...;                      co_yield from(child());
//   }                                                }
//
// Delegation costs the same at any depth: the driver resumes the innermost generator directly, and
// the generators between are resumed when it ends. A generator returns to its driver at every
// yield, and does not know who that is.
//
// Where Python raises StopIteration, we return null at the end and throw GeneratorMisuse at any
// later use. Where Python collects a generator that nobody refers to any more, it is closed; here
// its frame is destroyed, so that destructors run, but no handlers. A generator that was moved from
// has no frame: nothing can be done with it but to assign another, and to destroy it, which is
// asserted in debug builds.
#pragma once

#include <cassert>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <utility>
#include <variant>

#include "impls/lib/coroutine_result.hpp"
#include "impls/lib/frame_pool.hpp"
#include "impls/lib/generator_link.hpp"

namespace waitbench {

template <class Yield, class Send = std::monostate, class Return = void>
class [[nodiscard]] Generator {
 public:
  class promise_type;
  class Iterator;

  Generator(Generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Generator& operator=(Generator&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Generator() {
    if (frame_) frame_.destroy();
  }

  // Runs up to the first yield, or from one that asks for nothing to the next: the value yielded,
  // valid until the generator is resumed; null when it has ended. Throws what the generator throws,
  // and GeneratorMisuse if it is running or had ended before.
  const Yield* next() {
    const std::coroutine_handle<promise_type> frame = body();  // at hand after the resume, too
    return unless_failed(frame, frame.promise().next(frame));
  }

  // The same, with a value to give to the yield at which the generator stands. The first call must
  // be next(), since there is no such yield yet.
  const Yield* send(Send value) {
    const std::coroutine_handle<promise_type> frame = body();
    return unless_failed(frame, frame.promise().send(std::move(value)));
  }

  // The same, with an exception to throw at the yield at which the generator stands. One that has
  // not begun or has ended is at its end after it, and has thrown it.
  template <class Exception>
  const Yield* throw_in(Exception exception) {
    return throw_in(std::make_exception_ptr(std::move(exception)));
  }
  const Yield* throw_in(std::exception_ptr exception);

  // Ends the generator, by throwing a GeneratorExit at the yield at which it stands. It may clean
  // up, and return or throw; if it yields instead, that is a GeneratorMisuse.
  void close();

  bool done() const { return body().promise().ended(); }

  // The value returned; to be called once, when done.
  Return result() {
    if (!done()) throw GeneratorMisuse("a generator was asked for its result before its end");
    return body().promise().take_result();
  }

  // An input range of the values that are still to come.
  Iterator begin() { return Iterator(*this, done() ? nullptr : next()); }
  std::default_sentinel_t end() const { return {}; }

 private:
  template <class, class, class>
  friend class Generator;

  explicit Generator(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> body() const {
    assert(frame_ != nullptr);
    return frame_;
  }

  static const Yield* unless_failed(std::coroutine_handle<promise_type> frame,
                                    const Yield* yielded) {
    if (yielded == nullptr) [[unlikely]]
      frame.promise().rethrow_failure();
    return yielded;
  }

  std::coroutine_handle<promise_type> frame_;
};

// `co_yield from(child())` is Python's `yield from child()`: what the child yields, we yield; what
// we are sent or what is thrown in, it gets; and what it returns is the value of the expression. To
// close us closes it first. (In a class template write `co_await from(child())`, which is the same:
// g++ 12 cannot tell there which co_yield is meant.)
template <class Yield, class Send, class Return>
struct Delegation {
  Generator<Yield, Send, Return> child;
};

template <class Yield, class Send, class Return>
Delegation<Yield, Send, Return> from(Generator<Yield, Send, Return> child) {
  return {std::move(child)};
}

template <class Yield, class Send, class Return>
class Generator<Yield, Send, Return>::promise_type : public GeneratorLink<Yield, Send>,
                                                     public CoroutineResult<Return>,
                                                     public PooledFrame {
 public:
  promise_type()
      : GeneratorLink<Yield, Send>(std::coroutine_handle<promise_type>::from_promise(*this)) {}

  Generator get_return_object() {
    return Generator(std::coroutine_handle<promise_type>::from_promise(*this));
  }

  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept {
    this->end();
    return {};
  }

  struct Yielding : std::suspend_always {
    Send await_resume() const { return promise_type::take_sent(); }
  };
  Yielding yield_value(const Yield& value) {
    this->put(value);
    return {};
  }

  template <class R>
  struct Delegating : std::suspend_always {
    promise_type& self;
    Generator<Yield, Send, R>& child;

    bool await_suspend(std::coroutine_handle<>) const {
      return self.delegate_to(child.frame_.promise());
    }
    R await_resume() const {
      if (const std::exception_ptr* closing = promise_type::take_thrown()) {
        child.frame_.promise().rethrow_unless_exit();  // it has been closed, or would not
        promise_type::rethrow(*closing);
      }
      return child.result();
    }
  };
  template <class R>
  Delegating<R> await_transform(Delegation<Yield, Send, R>&& delegation) {
    delegation.child.body().promise().get_ready();
    return {{}, *this, delegation.child};
  }
  template <class R>
  Delegating<R> yield_value(Delegation<Yield, Send, R>&& delegation) {
    return await_transform(std::move(delegation));
  }

  // Once told to close, what a generator throws is a failure only if it is something else.
  void rethrow_unless_exit() {
    try {
      rethrow_failure();
    } catch (const GeneratorExit&) {
    }
  }

 private:
  friend class Generator;
  using CoroutineResult<Return>::rethrow_failure;
};

template <class Yield, class Send, class Return>
const Yield* Generator<Yield, Send, Return>::throw_in(std::exception_ptr exception) {
  const std::coroutine_handle<promise_type> frame = body();
  promise_type& promise = frame.promise();
  if (promise.stands_at_yield()) return unless_failed(frame, promise.throw_in(exception));
  promise.abandon();
  std::rethrow_exception(exception);
}

template <class Yield, class Send, class Return>
void Generator<Yield, Send, Return>::close() {
  promise_type& promise = body().promise();
  if (!promise.stands_at_yield()) return promise.abandon();
  if (promise.throw_in(std::make_exception_ptr(GeneratorExit{})) != nullptr) throw ignored_close();
  promise.rethrow_unless_exit();
}

template <class Yield, class Send, class Return>
class Generator<Yield, Send, Return>::Iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = Yield;
  using difference_type = std::ptrdiff_t;

  Iterator(Generator& generator, const Yield* yielded)
      : generator_(&generator), yielded_(yielded) {}

  const Yield& operator*() const { return *yielded_; }
  Iterator& operator++() {
    yielded_ = generator_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return yielded_ == nullptr; }

 private:
  Generator* generator_;
  const Yield* yielded_;
};

}  // namespace waitbench
