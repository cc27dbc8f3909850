// Tasks side by side: all of them are started, and whoever awaits them goes on when all have ended,
// or the first.
//
//   auto [name, age] = co_await when_all(ask_name(), ask_age());
//   std::vector<int> answers = co_await when_all(std::move(questions));  // a vector of Task<int>
//   auto [index, answer] = co_await when_any(std::move(questions));
//
// No task gets a coroutine around it to report its end: a task resumes whoever awaits it, and that
// is the one coroutine that counts. Whoever is not needed any more is cancelled by being destroyed,
// which runs its destructors and takes it out of what it waits for. The same happens to all of them
// if whoever awaits them is destroyed. All of this happens on one thread. A task that runs cannot
// be destroyed, so a task may not make another of the same when_any() end by resuming it directly.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "impls/lib/task.hpp"

namespace waitbench {

// A task's result as a value.
template <class T>
using ResultOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
ResultOf<T> result_of(Task<T>& task) {
  if constexpr (std::is_void_v<T>)
    return task.result(), std::monostate();
  else
    return task.result();
}

// The handle of the coroutine that awaits this, which goes on at once.
struct OwnHandle {
  std::coroutine_handle<> handle;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> self) noexcept {
    handle = self;
    return false;
  }
  std::coroutine_handle<> await_resume() const noexcept { return handle; }
};

// Starts them, and goes on when all have ended. Their results, or what they threw, are still
// theirs.
template <class T>
Task<> when_all_ended(std::span<Task<T>> tasks) {
  const std::coroutine_handle<> self = co_await OwnHandle();
  std::size_t left = 0;
  for (Task<T>& task : tasks) task.start();
  for (Task<T>& task : tasks)  // after all were started, since one may let another go on
    if (!task.done()) {
      task.resume_at_end(self);
      ++left;
    }
  for (; left > 0; --left) co_await std::suspend_always();
}

// Goes on when all have ended, with their results; throws what the first in the list has thrown.
template <class T>
Task<std::vector<T>> when_all(std::vector<Task<T>> tasks) {
  co_await when_all_ended(std::span(tasks));
  std::vector<T> results;
  results.reserve(tasks.size());
  for (Task<T>& task : tasks) results.push_back(task.result());
  co_return results;
}
inline Task<> when_all(std::vector<Task<>> tasks) {
  co_await when_all_ended(std::span(tasks));
  for (Task<>& task : tasks) task.result();
}

template <class... T>
Task<std::tuple<ResultOf<T>...>> when_all(Task<T>... tasks) {
  const std::coroutine_handle<> self = co_await OwnHandle();
  std::size_t left = 0;
  (tasks.start(), ...);
  ((tasks.done() ? void() : (tasks.resume_at_end(self), void(++left))), ...);
  for (; left > 0; --left) co_await std::suspend_always();
  co_return std::tuple<ResultOf<T>...>{result_of(tasks)...};
}

// Which of several ended first, and its result.
template <class T>
struct First {
  std::size_t index;
  ResultOf<T> result;
};

// Goes on when the first has ended; throws what it has thrown. The others are cancelled, and those
// that were not begun yet when a task ended at once never are.
template <class T>
Task<First<T>> when_any(std::vector<Task<T>> tasks) {
  if (tasks.empty()) throw std::invalid_argument("when_any of no tasks would wait for ever");
  for (Task<T>& task : tasks) {
    task.start();
    if (task.done()) break;
  }
  auto first = std::ranges::find_if(tasks, &Task<T>::done);
  if (first == tasks.end()) {
    const std::coroutine_handle<> self = co_await OwnHandle();
    for (Task<T>& task : tasks) task.resume_at_end(self);
    co_await std::suspend_always();
    first = std::ranges::find_if(tasks, &Task<T>::done);
  }
  const auto index = static_cast<std::size_t>(first - tasks.begin());
  Task<T> ended = std::move(*first);
  tasks.clear();
  co_return First<T>{index, result_of(ended)};
}

// Like when_all(), but goes on as soon as one has failed: throws that, and cancels the others.
template <class T>
Task<std::vector<T>> when_all_succeed(std::vector<Task<T>> tasks) {
  const std::coroutine_handle<> self = co_await OwnHandle();
  const auto failed = [&] { return std::ranges::find_if(tasks, &Task<T>::failed); };
  for (Task<T>& task : tasks) {
    task.start();
    if (task.failed()) break;
  }
  const auto pending = static_cast<std::size_t>(std::ranges::count(tasks, false, &Task<T>::done));
  for (std::size_t left = pending; left > 0 && failed() == tasks.end(); --left) {
    if (left == pending)
      for (Task<T>& task : tasks)
        if (!task.done()) task.resume_at_end(self);
    co_await std::suspend_always();
  }
  if (const auto first = failed(); first != tasks.end()) {
    Task<T> culprit = std::move(*first);
    tasks.clear();
    culprit.result();
  }
  std::vector<T> results;
  results.reserve(tasks.size());
  for (Task<T>& task : tasks) results.push_back(task.result());
  co_return results;
}

}  // namespace waitbench
