// How generators that delegate to each other form a chain, and how the one at its end is resumed.
//
//   driver ---- outermost <--caller_-- a child <--caller_-- innermost
//                   \_____________innermost_________________/
//
// Each generator of the chain stands at its delegation, but for the innermost, which stands at a
// yield. The driver holds the outermost and resumes the innermost through it, so that a step costs
// the same at any depth; those between are not touched before it ends. What passes between driver
// and innermost lies in the outermost, which every link knows.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <utility>

namespace waitbench {

// Thrown by close() at the yield where a generator stands. As in Python it is no std::exception,
// lest a handler of errors take it for one.
struct GeneratorExit {};

// A generator was used in a way in which none can be used.
class GeneratorMisuse : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline GeneratorMisuse ignored_close() {
  return GeneratorMisuse("a generator ignored close(): it yielded once more");
}

inline bool holds_generator_exit(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const GeneratorExit&) {
    return true;
  } catch (...) {
    return false;
  }
}

template <class Yield, class Send>
class GeneratorLink {
 public:
  explicit GeneratorLink(std::coroutine_handle<> self) : self_(self) {}

  bool ended() const { return stage_ == Stage::ended; }
  bool stands_at_yield() const { return yielded_ != nullptr; }

  // Refuses what is running or has ended. (What is refused or thrown has functions by itself, out
  // of line: what they need on the stack would be paid for at every resume.)
  void require_resumable() const {
    if (yielded_ == nullptr) require_fresh();
  }

  // --- Of the outermost. The first three give the value yielded next, or null at its end.

  const Yield* next() {
    require_resumable();
    sent_ = Send{};
    return run_to_end_of(*this);
  }

  const Yield* send(Send value) {
    if (yielded_ == nullptr) refuse_to_resume();
    sent_ = std::move(value);
    return run_to_end_of(*this);
  }

  // To be called where it stands at a yield.
  const Yield* throw_in(const std::exception_ptr& thrown) {
    if (holds_generator_exit(thrown)) return close_chain(thrown);
    innermost_->thrown_ = &thrown;
    return run_to_end_of(*this);
  }

  // To be called where it does not stand at a yield: it will not run again.
  void abandon() {
    if (stage_ == Stage::begun) refuse_to_resume();
    stage_ = Stage::ended;
  }

  // --- Of the one that runs.

  void begin() { stage_ = Stage::begun; }
  void end() { stage_ = Stage::ended; }

  // The yielded value stays where it is, in the generator's frame, until the generator goes on.
  void put(const Yield& value) { outermost_->yielded_ = &value; }
  Send take_sent() {
    if (is_thrown_at()) rethrow();
    return std::move(outermost_->sent_);
  }

  // Lets `child`, which is resumable, speak in our place. Whether it has yielded; else it has
  // ended.
  bool delegate_to(GeneratorLink& child) {
    child.caller_ = this;
    for (GeneratorLink* link = child.innermost_; link != this; link = link->caller_)
      link->outermost_ = outermost_;
    outermost_->go_on_with(*child.innermost_);
    outermost_->sent_ = Send{};
    if (outermost_->run_to_end_of(child) != nullptr) return true;
    outermost_->go_on_with(*this);
    return false;
  }

  // Whether there is something to throw where we stand: at a yield what was thrown in, and at a
  // delegation what closes us.
  bool is_thrown_at() const { return thrown_ != nullptr; }
  [[noreturn, gnu::cold, gnu::noinline]] void rethrow() {
    std::rethrow_exception(*std::exchange(thrown_, nullptr));
  }

 private:
  enum class Stage : std::uint8_t { fresh, begun, ended };

  void go_on_with(GeneratorLink& link) {
    innermost_ = &link;
    innermost_frame_ = link.self_;
  }

  // Lets the innermost go on until it yields; when it ends, the one it spoke for, and so forth.
  // Null when `last` has ended.
  const Yield* run_to_end_of(GeneratorLink& last) {
    yielded_ = nullptr;
    innermost_frame_.resume();
    if (yielded_ == nullptr) run_callers_to_end_of(last);
    return yielded_;
  }

  [[gnu::noinline]] void run_callers_to_end_of(GeneratorLink& last) {
    while (yielded_ == nullptr && innermost_ != &last) {
      go_on_with(*innermost_->caller_);
      innermost_frame_.resume();
    }
  }

  // Throws `exit` into the innermost, and when it has ended into the one it spoke for, up to
  // ourselves. One that yields instead is given up, and the one it spoke for hears of it.
  const Yield* close_chain(const std::exception_ptr& exit) {
    const std::exception_ptr ignored = std::make_exception_ptr(ignored_close());
    innermost_->thrown_ = &exit;
    while (innermost_ != this) {
      GeneratorLink& child = *innermost_;
      const bool yielded = run_to_end_of(child) != nullptr;
      go_on_with(*child.caller_);
      innermost_->thrown_ = yielded ? &ignored : &exit;
    }
    return run_to_end_of(*this);
  }

  [[gnu::cold, gnu::noinline]] void require_fresh() const {
    if (stage_ != Stage::fresh) refuse_to_resume();
  }

  [[noreturn, gnu::cold, gnu::noinline]] void refuse_to_resume() const {
    if (stage_ == Stage::fresh)
      throw GeneratorMisuse("a generator was sent a value before it was begun with next()");
    if (stage_ == Stage::begun)
      throw GeneratorMisuse("a generator was resumed while it was running");
    throw GeneratorMisuse("a generator was resumed after its end");
  }

  std::coroutine_handle<> self_;
  GeneratorLink* caller_ = nullptr;
  GeneratorLink* outermost_ = this;
  const std::exception_ptr* thrown_ = nullptr;  // to be thrown where we stand
  Stage stage_ = Stage::fresh;

  // Of the outermost only:
  GeneratorLink* innermost_ = this;
  std::coroutine_handle<> innermost_frame_ = self_;
  const Yield* yielded_ = nullptr;  // set exactly while the innermost stands at a yield
  Send sent_{};
};

}  // namespace waitbench
