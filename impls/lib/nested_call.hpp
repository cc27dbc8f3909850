// Calls that go through other calls, as in real programs.
#pragma once

#include <cstddef>
#include <type_traits>

namespace waitbench {

// Each call takes a frame of its own: it is not inlined, and not a tail call, since something is
// still to be done after it.
template <class Function>
[[gnu::noinline]] std::invoke_result_t<Function> call_through(std::size_t calls,
                                                              const Function& function) {
  auto result = calls > 1 ? call_through(calls - 1, function) : function();
  asm volatile("" : "+m"(result));
  return result;
}

// What `function` returns, called through `depth - 1` further calls.
template <class Function>
auto call_nested(std::size_t depth, const Function& function) {
  return depth == 1 ? function() : call_through(depth - 1, function);
}

}  // namespace waitbench
