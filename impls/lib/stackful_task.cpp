// Compiled without sanitizers, as is switch_announcer.cpp: instrumented code may not stand between
// the announcement of a switch and the switch.
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
  if (SwitchAnnouncer::needed()) announcer_ = std::make_unique<SwitchAnnouncer>(stack);
  boost::context::stack_context context;
  context.sp = stack.data() + stack.size();
  context.size = stack.size();
  inside_ =
      fiber(std::allocator_arg, boost::context::preallocated(context.sp, context.size, context),
            LeaveStack{}, [this, body = std::move(body)](fiber&& outside) {
              if (announcer_) announcer_->after_entering();
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
    if (announcer_) announcer_->before_leaving(true);
    throw;
  } catch (...) {
    result_.unhandled_exception();
  }
  if (announcer_) announcer_->before_leaving(true);
}

void StackfulTask::resume_announced() {
  announcer_->before_entering();
  inside_ = std::move(inside_).resume();
  announcer_->after_leaving();
}

void StackfulTask::suspend_announced() {
  announcer_->before_leaving(false);
  try {
    outside_ = std::move(outside_).resume();
  } catch (const forced_unwind&) {
    announcer_->after_entering();
    throw;
  }
  announcer_->after_entering();
}

void StackfulTask::unwind_announced() {
  announcer_->before_entering();
  inside_ = {};
  announcer_->after_leaving();
}

}  // namespace waitbench
