// Compiled without sanitizers, as is sanitizer_fiber_hooks.cpp: between the call of a hook and the
// switch, no instrumented code may run.
#include "impls/lib/stackful_task.hpp"

#include <utility>

namespace waitbench {
namespace {

using boost::context::fiber;
using boost::context::detail::forced_unwind;  // what suspend() throws where its task is destroyed

// The stack has another owner.
struct LeaveStack {
  boost::context::stack_context allocate() { return {}; }
  void deallocate(boost::context::stack_context&) {}
};

}  // namespace

void StackfulTask::prepare(std::span<std::byte> stack, std::function<void()> body) {
  assert(done());
  if (SanitizerFiberHooks::needed()) hooks_ = std::make_unique<SanitizerFiberHooks>(stack);
  boost::context::stack_context context;
  context.sp = stack.data() + stack.size();
  context.size = stack.size();
  inside_ =
      fiber(std::allocator_arg, boost::context::preallocated(context.sp, context.size, context),
            LeaveStack{}, [this, body = std::move(body)](fiber&& outside) {
              if (hooks_) hooks_->after_entering();
              entered_ = true;
              outside_ = std::move(outside);
              run(body);
              return std::move(outside_);
            });
}

void StackfulTask::run(const std::function<void()>& body) {
  try {
    body();
  } catch (const forced_unwind&) {
    if (hooks_) hooks_->before_leaving(true);
    throw;
  } catch (...) {
    result_.unhandled_exception();
  }
  if (hooks_) hooks_->before_leaving(true);
}

void StackfulTask::resume_with_hooks() {
  hooks_->before_entering();
  inside_ = std::move(inside_).resume();
  hooks_->after_leaving();
}

void StackfulTask::suspend_with_hooks() {
  hooks_->before_leaving(false);
  try {
    outside_ = std::move(outside_).resume();
  } catch (const forced_unwind&) {
    hooks_->after_entering();
    throw;
  }
  hooks_->after_entering();
}

void StackfulTask::unwind_with_hooks() {
  hooks_->before_entering();
  inside_ = {};
  hooks_->after_leaving();
}

}  // namespace waitbench
