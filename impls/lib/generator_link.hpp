// How generators that delegate to each other form a chain, and how the one at its end is resumed.
//
//   driver ---- outermost <--caller_-- a child <--caller_-- innermost
//                   \______________other_end_______________/
//
// Each generator of the chain is suspended at its delegation, except the innermost, which is
// suspended at a yield. The driver holds the outermost, which knows the innermost and resumes it
// directly, so that a step costs the same at any depth; the generators between are not touched
// before it ends. The innermost knows the outermost, to update it when it delegates itself. Most
// generators do not delegate and are both ends of their own chain, which is the fastest path.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <utility>

namespace waitbench {

// Thrown by close() at the yield where a generator stands. As in Python it is no std::exception, so
// that a handler of errors does not catch it.
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

  bool ended() const { return phase_ == Phase::ended; }
  bool stands_at_yield() const { return other_end_->yielded_ != nullptr; }

  // Refuses what is running or has ended. What is fresh counts as begun after this. (What is
  // refused or thrown has functions by itself, out of line: what they need on the stack would be
  // paid for at every resume.)
  void get_ready() {
    if (!stands_at_yield()) begin();
  }

  // --- Of the outermost. The first three give the value yielded next, or null at its end.

  // Its driver has `self`, its frame, at hand.
  const Yield* next(std::coroutine_handle<> self) {
    if (yielded_ == nullptr) [[unlikely]] {
      get_ready();
      return run_to_end_of(*this);
    }
    yielded_ = nullptr;
    self.resume();
    if (yielded_ != nullptr) [[likely]]
      return yielded_;
    return run_others_to_end_of(*this);
  }

  const Yield* send(Send value) {
    if (!stands_at_yield()) [[unlikely]]
      refuse_to_resume();
    return give({.sent = std::move(value)}, *this);
  }

  // To be called where it stands at a yield.
  const Yield* throw_in(const std::exception_ptr& thrown) {
    if (holds_generator_exit(thrown)) return close_chain(thrown);
    return give({.thrown = &thrown}, *this);
  }

  // To be called where it does not stand at a yield: it will not run again.
  void abandon() {
    if (phase_ == Phase::begun) refuse_to_resume();
    phase_ = Phase::ended;
  }

  // --- Of the one that runs.

  void end() { phase_ = Phase::ended; }

  // The yielded value stays where it is, in the generator's frame, until the generator goes on.
  void put(const Yield& value) { yielded_ = &value; }

  // What was sent to the yield at which it stood; throws what was thrown in there.
  static Send take_sent() {
    if (given_ == nullptr) [[likely]]
      return Send{};
    Given& given = *std::exchange(given_, nullptr);
    if (given.thrown != nullptr) rethrow(*given.thrown);
    return std::move(given.sent);
  }

  // What is thrown at the delegation at which it stood, to close it; null: nothing.
  static const std::exception_ptr* take_thrown() {
    return given_ == nullptr ? nullptr : std::exchange(given_, nullptr)->thrown;
  }

  [[noreturn, gnu::cold, gnu::noinline]] static void rethrow(const std::exception_ptr& thrown) {
    std::rethrow_exception(thrown);
  }

  // Lets `child`, which is ready, speak in our place. Whether it has yielded; else it has ended.
  bool delegate_to(GeneratorLink& child) {
    GeneratorLink& outermost = *other_end_;
    child.caller_ = this;
    outermost.let_speak(*child.other_end_);
    if (outermost.run_to_end_of(child) != nullptr) return true;
    outermost.let_speak(*this);
    return false;
  }

 private:
  enum class Phase : std::uint8_t { fresh, begun, ended };
  struct Given {
    Send sent{};
    const std::exception_ptr* thrown = nullptr;
  };

  void let_speak(GeneratorLink& innermost) {
    other_end_ = &innermost;
    innermost.other_end_ = this;
  }

  const Yield* give(Given given, GeneratorLink& last) {
    given_ = &given;
    return run_to_end_of(last);
  }

  // Lets the innermost go on until it yields; when it ends, the one it spoke for, and so forth.
  // Null when `last` has ended.
  const Yield* run_to_end_of(GeneratorLink& last) {
    GeneratorLink& speaker = *other_end_;
    speaker.yielded_ = nullptr;
    speaker.self_.resume();
    if (speaker.yielded_ != nullptr) [[likely]]
      return speaker.yielded_;
    return run_others_to_end_of(last);
  }

  // The same, when the one that was resumed has ended, or lets another speak.
  [[gnu::noinline]] const Yield* run_others_to_end_of(GeneratorLink& last) {
    while (!stands_at_yield() && other_end_ != &last) {
      let_speak(*other_end_->caller_);
      other_end_->self_.resume();
    }
    return other_end_->yielded_;
  }

  // Throws `exit` into the innermost, and when it has ended into the one it spoke for, up to
  // ourselves. One that yields instead is given up, and the one it spoke for hears of it.
  const Yield* close_chain(const std::exception_ptr& exit) {
    const std::exception_ptr ignored = std::make_exception_ptr(ignored_close());
    const std::exception_ptr* thrown = &exit;
    while (other_end_ != this) {
      GeneratorLink& child = *other_end_;
      const bool yielded = give({.thrown = thrown}, child) != nullptr;
      let_speak(*child.caller_);
      thrown = yielded ? &ignored : &exit;
    }
    return give({.thrown = thrown}, *this);
  }

  [[gnu::cold, gnu::noinline]] void begin() {
    if (phase_ != Phase::fresh) refuse_to_resume();
    phase_ = Phase::begun;
  }

  [[noreturn, gnu::cold, gnu::noinline]] void refuse_to_resume() const {
    if (phase_ == Phase::fresh)
      throw GeneratorMisuse("a generator was sent a value before it was begun with next()");
    if (phase_ == Phase::begun)
      throw GeneratorMisuse("a generator was resumed while it was running");
    throw GeneratorMisuse("a generator was resumed after its end");
  }

  // What the generator that is resumed takes before anything else; null: nothing. It is
  // thread_local because resume() takes no argument, and a pointer in the frame would cost a load
  // at every yield.
  static inline thread_local constinit Given* given_ = nullptr;

  const Yield* yielded_ = nullptr;   // set exactly while it stands at a yield
  GeneratorLink* other_end_ = this;  // of the chain's two ends only
  std::coroutine_handle<> self_;
  GeneratorLink* caller_ = nullptr;  // of all but the outermost
  Phase phase_ = Phase::fresh;
};

}  // namespace waitbench
