#include "impls/lib/sanitizer_fiber_hooks.hpp"

#include <sanitizer/common_interface_defs.h>
#include <sanitizer/tsan_interface.h>

// Null where the program was linked without the sanitizer that has them.
#pragma weak __sanitizer_start_switch_fiber
#pragma weak __sanitizer_finish_switch_fiber
#pragma weak __tsan_create_fiber
#pragma weak __tsan_destroy_fiber
#pragma weak __tsan_get_current_fiber
#pragma weak __tsan_switch_to_fiber

namespace waitbench {
namespace {

bool has_address_sanitizer() {
  return __sanitizer_start_switch_fiber != nullptr;
}
bool has_thread_sanitizer() {
  return __tsan_switch_to_fiber != nullptr;
}

}  // namespace

bool SanitizerFiberHooks::needed() {
  return has_address_sanitizer() || has_thread_sanitizer();
}

SanitizerFiberHooks::SanitizerFiberHooks(std::span<const std::byte> stack) : stack_(stack) {
  if (has_thread_sanitizer()) history_ = __tsan_create_fiber(0);
}

SanitizerFiberHooks::~SanitizerFiberHooks() {
  if (has_thread_sanitizer()) __tsan_destroy_fiber(history_);
}

void SanitizerFiberHooks::before_entering() {
  if (has_address_sanitizer())
    __sanitizer_start_switch_fiber(&caller_kept_, stack_.data(), stack_.size());
  if (has_thread_sanitizer()) {
    caller_history_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(history_, 0);
  }
}

void SanitizerFiberHooks::after_entering() {
  if (has_address_sanitizer())
    __sanitizer_finish_switch_fiber(kept_, &caller_stack_, &caller_bytes_);
}

void SanitizerFiberHooks::before_leaving(bool for_good) {
  if (has_address_sanitizer())
    __sanitizer_start_switch_fiber(for_good ? nullptr : &kept_, caller_stack_, caller_bytes_);
  if (has_thread_sanitizer()) __tsan_switch_to_fiber(caller_history_, 0);
}

void SanitizerFiberHooks::after_leaving() {
  if (has_address_sanitizer()) __sanitizer_finish_switch_fiber(caller_kept_, nullptr, nullptr);
}

}  // namespace waitbench
