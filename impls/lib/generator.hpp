// A generator as in Python (PEP 342, PEP 380): it yields values to whoever drives it, is sent a
// value back each time it is resumed, may let another generator speak in its place, and ends with a
// return value.
//
//   Generator<int, int, std::string> child() {      Generator<int, int> parent() {
//     const int answer = co_yield 1;                  const std::string said =
//     co_return "I was sent " + ...;                      co_yield from(child());
//   }                                                }
//
// Delegation costs the same at any depth: the driver resumes the innermost generator directly, and
// those between learn of it when it ends. A generator goes back to its driver at every yield; who
// that is, and what it does meanwhile, is none of the generator's business.
#pragma once

#include <coroutine>
#include <utility>

#include "impls/lib/coroutine_result.hpp"
#include "impls/lib/frame_pool.hpp"

namespace waitbench {

template <class Yield, class Send, class Return = void>
class Generator;

// What the generators of one chain know of each other, whatever each returns. The outermost is the
// one that the driver holds; it keeps what passes between the innermost and the driver.
template <class Yield, class Send>
class GeneratorLink {
 public:
  explicit GeneratorLink(std::coroutine_handle<> self) : self_(self) {}

  // Of the outermost: lets the innermost go on with `value`. The value yielded next, or null when
  // the outermost has ended.
  const Yield* send(Send value) {
    sent_ = std::move(value);
    yielded_ = nullptr;
    while (true) {
      innermost_->self_.resume();
      if (yielded_ != nullptr) return yielded_;
      if (innermost_ == this) return nullptr;
      innermost_ = innermost_->caller_;  // it has ended, so the one it spoke for goes on
    }
  }

  // Runs `child`, a fresh generator, in our place. Whether it has yielded; else it has ended.
  bool delegate_to(GeneratorLink& child) {
    child.caller_ = this;
    child.outermost_ = outermost_;
    outermost_->innermost_ = &child;
    child.self_.resume();
    if (outermost_->yielded_ != nullptr) return true;
    outermost_->innermost_ = this;
    return false;
  }

  // The yielded value stays where it is, in the generator's frame, until the generator goes on.
  void put(const Yield& value) { outermost_->yielded_ = &value; }
  Send take_sent() { return std::move(outermost_->sent_); }

 private:
  std::coroutine_handle<> self_;
  GeneratorLink* caller_ = nullptr;
  GeneratorLink* outermost_ = this;

  // Of the outermost only:
  GeneratorLink* innermost_ = this;
  const Yield* yielded_ = nullptr;
  Send sent_{};
};

template <class Yield, class Send, class Return>
class [[nodiscard]] Generator {
 public:
  class promise_type;

  Generator(Generator&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Generator& operator=(Generator&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Generator() {
    if (frame_) frame_.destroy();
  }

  // Runs up to the first yield, or from one that asks for nothing to the next: the value yielded,
  // valid until the generator is resumed; null when it has ended, after which it must not be
  // resumed. Throws what the generator throws.
  const Yield* next() { return send(Send{}); }

  // The same, with a value to give to the yield at which the generator stands. The first call must
  // be next(), since there is no such yield yet.
  const Yield* send(Send value) {
    const Yield* yielded = frame_.promise().send(std::move(value));
    if (yielded == nullptr) frame_.promise().rethrow();
    return yielded;
  }

  bool done() const { return frame_.done(); }

  // The value returned; to be called once, when done.
  Return result() { return frame_.promise().take_result(); }

 private:
  template <class, class, class>
  friend class Generator;

  explicit Generator(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

// `co_yield from(child())` is Python's `yield from child()`: what the child yields, we yield; what
// we are sent, it is sent; and what it returns is the value of the expression. The child must be a
// fresh one, that nobody has driven yet.
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
  std::suspend_always final_suspend() noexcept { return {}; }

  struct Yielding {
    promise_type& self;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    Send await_resume() const { return self.take_sent(); }
  };
  Yielding yield_value(const Yield& value) {
    this->put(value);
    return {*this};
  }

  template <class R>
  struct Delegating {
    promise_type& self;
    Generator<Yield, Send, R>& child;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<>) const {
      return self.delegate_to(child.frame_.promise());
    }
    R await_resume() const { return child.result(); }
  };
  template <class R>
  Delegating<R> yield_value(Delegation<Yield, Send, R>&& delegation) {
    return {*this, delegation.child};
  }

 private:
  friend class Generator;
  using CoroutineResult<Return>::rethrow;
};

}  // namespace waitbench
