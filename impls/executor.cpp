#include "impls/executor.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

namespace waitbench {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

bool Caller::acquire(Waiter& task) {
  task_ = &task;
  if (executor_.submit(*this)) return true;
  if (executor_.has_loop()) return false;
  done_.acquire();
  return true;
}

void Executor::add_callers(std::size_t number) {
  for (std::size_t i = 0; i < number; ++i)
    callers_.emplace_back(*this, static_cast<std::uint32_t>(callers_.size()));
}

void Executor::let_go_on(Caller& caller) {
  if (has_loop())
    of_loop_->push(*caller.task_);
  else
    caller.done_.release();
}

WorkerThreads::WorkerThreads(std::size_t number, std::function<void()> function, RunQueue* of_loop)
    : Executor(std::move(function), of_loop), any_done_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!any_done_) refuse("eventfd");
  try {
    for (std::size_t i = 0; i < number; ++i) workers_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    end();
    throw std::system_error(error.code(), "cannot start a thread");
  }
}

WorkerThreads::~WorkerThreads() {
  end();
}

void WorkerThreads::end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  workers_.clear();  // joins them
}

bool WorkerThreads::submit(Caller& caller) {
  {
    const std::lock_guard lock(mutex_);
    submitted_.push_back(&caller);
  }
  changed_.notify_one();
  return false;
}

// Null when there will be no more.
Caller* WorkerThreads::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ending_ || !submitted_.empty(); });
  if (ending_) return nullptr;
  Caller* const first = submitted_.front();
  submitted_.pop_front();
  return first;
}

void WorkerThreads::work() {
  while (Caller* caller = take()) {
    call_in_place();
    if (has_loop())
      tell_loop(*caller);
    else
      let_go_on(*caller);
  }
}

// One who is told already of the first has not looked yet.
void WorkerThreads::tell_loop(Caller& caller) {
  {
    const std::lock_guard lock(mutex_);
    done_.push_back(&caller);
    if (done_.size() > 1) return;
  }
  ::eventfd_write(any_done_.get(), 1);  // cannot fail: it counts to one
}

void WorkerThreads::resume_tasks() {
  eventfd_t count = 0;
  if (::eventfd_read(any_done_.get(), &count) != 0 && errno != EAGAIN) refuse("eventfd_read");
  std::vector<Caller*> done;
  {
    const std::lock_guard lock(mutex_);
    done.swap(done_);
  }
  for (Caller* caller : done) let_go_on(*caller);
}

WorkerProcesses::WorkerProcesses(std::size_t number, std::function<void()> function,
                                 RunQueue* of_loop, OnFailure on_failure)
    : Executor(std::move(function), of_loop), on_failure_(std::move(on_failure)) {
  for (std::size_t i = 0; i < number; ++i) workers_.start([this] { work(); }, "a worker process");
  submitted_.reads.reset();
  done_.writes.reset();
  if (!has_loop())
    collector_ = std::jthread([this] { collect(); });
  else if (::fcntl(done_.reads.get(), F_SETFL, O_NONBLOCK) != 0)
    refuse("fcntl");
  watcher_ = std::jthread([this] { watch(); });
}

// Workers, and then those who wait for them, find the ends of their pipes.
WorkerProcesses::~WorkerProcesses() {
  submitted_.writes.reset();
}

void WorkerProcesses::work() {
  submitted_.writes.reset();
  done_.reads.reset();
  while (const auto number = read_message<std::uint32_t>(submitted_.reads.get())) {
    call_in_place();
    if (!write_message(done_.writes.get(), *number)) return;
  }
}

void WorkerProcesses::watch() {
  try {
    workers_.wait_for_all();
  } catch (const std::exception& error) {
    on_failure_(error.what());
  }
}

// Where no worker is left, the watcher says why.
bool WorkerProcesses::submit(Caller& caller) {
  { const std::lock_guard lock(handed_over_); }
  write_message(submitted_.writes.get(), caller.number());
  return false;
}

void WorkerProcesses::resume_tasks() {
  while (const auto number = read_message<std::uint32_t>(done_.reads.get()))
    let_go_on(caller(*number));
}

void WorkerProcesses::collect() {
  while (const auto number = read_message<std::uint32_t>(done_.reads.get())) {
    const std::lock_guard lock(handed_over_);
    let_go_on(caller(*number));
  }
}

Step ExecutorConversation::resume(Outcome outcome) {
  if (outcome < 0)
    throw std::system_error(-outcome, std::generic_category(), "cannot wait for an executor");
  if (std::exchange(is_watched_, true)) executor_.resume_tasks();
  return Step::ready(executor_.descriptor(), Direction::read);
}

}  // namespace waitbench
