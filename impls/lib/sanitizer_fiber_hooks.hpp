// Tells the sanitizers that a thread goes over to another stack, which they cannot see.
//
// AddressSanitizer must know which stack is in use, ThreadSanitizer whose history the following
// belongs to. In a program without them an announcer is never made (see needed()), so that a switch
// costs one test. This part and whoever switches must themselves be compiled without sanitizers:
// between the announcement and the switch nothing instrumented may happen.
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
