// What `co_await` can wait for: an awaiter, which says whether it is ready, is given the coroutine
// to resume, and returns the result; or an object with an operator co_await that makes an awaiter.
#pragma once

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

namespace waitbench {

template <class T>
concept Awaiter = requires(T& awaited, std::coroutine_handle<> waiter) {
  { awaited.await_ready() } -> std::convertible_to<bool>;
  awaited.await_suspend(waiter);
  awaited.await_resume();
};

template <class T>
concept MakesAwaiter = requires(T&& awaited) {
  { std::forward<T>(awaited).operator co_await() } -> Awaiter;
};

template <class T>
concept Awaitable = Awaiter<T> || MakesAwaiter<T>;

// For a promise to derive from: what is Awaitable can be awaited, and anything else is refused in
// one line, where g++ would list everything that it lacks, or say that it "is not a structure".
class AwaitsAwaitables {
 public:
  template <class T>
  auto await_transform(T&& awaited) {
    constexpr bool is_awaitable = Awaitable<T>;
    static_assert(is_awaitable,
                  "what is co_awaited must be Awaitable: have await_ready, await_suspend and "
                  "await_resume, or an operator co_await");
    if constexpr (Awaiter<T>)
      return Borrowed<std::remove_reference_t<T>>{awaited};
    else if constexpr (MakesAwaiter<T>)
      return std::forward<T>(awaited).operator co_await();
    else
      return Refused{};
  }

 private:
  // g++ 12 copies the awaiter that an await_transform gives by reference.
  template <class T>
  struct Borrowed {
    T& awaiter;

    bool await_ready() { return awaiter.await_ready(); }
    decltype(auto) await_suspend(std::coroutine_handle<> waiter) {
      return awaiter.await_suspend(waiter);
    }
    decltype(auto) await_resume() { return awaiter.await_resume(); }
  };

  // Has any result that is wanted, so that the one line is not followed by others.
  struct Refused : std::suspend_never {
    struct Anything {
      template <class T>
      operator T() const;
    };
    Anything await_resume() const;
  };
};

}  // namespace waitbench
