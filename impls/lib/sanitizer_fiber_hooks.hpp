// Calls the sanitizers when a thread changes to another stack, which they cannot see themselves.
//
// AddressSanitizer must know which stack is in use, and ThreadSanitizer which fiber runs. In a
// program without them the hooks are never made (see needed()), so a switch costs one test. These
// functions and those that switch must be compiled without sanitizers: between the call of a hook
// and the switch, no instrumented code may run.
#pragma once

#include <cstddef>
#include <span>

namespace waitbench {

class SanitizerFiberHooks {
 public:
  // Whether this program runs under one of them.
  static bool needed();

  explicit SanitizerFiberHooks(std::span<const std::byte> stack);
  SanitizerFiberHooks(const SanitizerFiberHooks&) = delete;
  SanitizerFiberHooks& operator=(const SanitizerFiberHooks&) = delete;
  ~SanitizerFiberHooks();

  void before_entering();  // on the caller's stack
  void after_entering();   // on ours
  void before_leaving(bool for_good);
  void after_leaving();  // on the caller's again

 private:
  std::span<const std::byte> stack_;
  const void* caller_stack_ = nullptr;
  std::size_t caller_bytes_ = 0;
  void* kept_ = nullptr;  // what AddressSanitizer keeps of either stack while it is not in use
  void* caller_kept_ = nullptr;
  void* history_ = nullptr;  // ThreadSanitizer's
  void* caller_history_ = nullptr;
};

}  // namespace waitbench
