// What an executor promises, in every model whose conversations may make calls by one: each call is
// made once, its caller goes on after it, and a loop goes on with others meanwhile.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "impls/executor.hpp"
#include "impls/lib/clock.hpp"
#include "tests/impls/rows.hpp"

namespace waitbench {
namespace {

// What callers, threads and processes see alike.
struct Shared {
  std::atomic<int> begun;
  std::atomic<int> ended;
  std::atomic<bool> may_end;
};

class SharedMemory {
 public:
  SharedMemory()
      : at_(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                 0)) {
    if (at_ == MAP_FAILED) throw std::bad_alloc();
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { munmap(at_, sizeof(Shared)); }

  Shared& operator*() const { return *static_cast<Shared*>(at_); }
  Shared* operator->() const { return static_cast<Shared*>(at_); }

 private:
  void* at_;
};

using MakeExecutor = std::unique_ptr<Executor> (*)(std::function<void()>, RunQueue*);

template <class Workers>
std::unique_ptr<Executor> make(std::function<void()> function, RunQueue* of_loop) {
  return std::make_unique<Workers>(3, std::move(function), of_loop);
}

template <>
std::unique_ptr<Executor> make<InPlace>(std::function<void()> function, RunQueue* of_loop) {
  return std::make_unique<InPlace>(std::move(function), of_loop);
}

// A worker that ends before its time would have the test wait for its calls.
template <>
std::unique_ptr<Executor> make<WorkerProcesses>(std::function<void()> function, RunQueue* of_loop) {
  return std::make_unique<WorkerProcesses>(3, std::move(function), of_loop,
                                           [](std::string_view why) { FAIL() << why; });
}

struct Kind {
  const char* name;
  MakeExecutor make;
};

constexpr Kind in_place = {"in_place", make<InPlace>};
constexpr Kind outside[] = {{"threads", make<WorkerThreads>}, {"processes", make<WorkerProcesses>}};

// Makes some calls, one after the other.
class Calls : public Conversation {
 public:
  static constexpr int calls_of_each = 5;

  Calls(Caller& caller, const Shared& shared) : caller_(caller), shared_(shared) {}

  Step resume(Outcome outcome) override {
    EXPECT_EQ(outcome, 0);
    EXPECT_GE(shared_.ended, made_);
    if (made_++ == calls_of_each) return Step::done();
    return Step::acquire(caller_);
  }

 private:
  Caller& caller_;
  const Shared& shared_;
  int made_ = 0;
};

// Lets the call of another end, once that is under way.
class LetsEnd : public Conversation {
 public:
  explicit LetsEnd(Shared& shared) : shared_(shared) {}

  Step resume(Outcome) override {
    if (shared_.begun == 0) return Step::sleep(now_ns() + ns_per_ms);
    shared_.may_end = true;
    return Step::done();
  }

 private:
  Shared& shared_;
};

using Parameter = std::tuple<const CatalogRow*, Kind>;

class ExecutorOf : public testing::TestWithParam<Parameter> {
 protected:
  void SetUp() override {
    if (row().unavailable != nullptr && !row().unavailable().empty())
      GTEST_SKIP() << row().unavailable();
  }

  static const CatalogRow& row() { return *std::get<0>(GetParam()); }
  static bool has_loop() { return !row().engine.empty(); }

  // Made before the model, which may have threads.
  void make_executor(std::function<void()> function, std::size_t callers) {
    RunQueue* const of_loop = has_loop() ? &run_queue_ : nullptr;
    executor_ = std::get<1>(GetParam()).make(std::move(function), of_loop);
    executor_->add_callers(callers);
  }

  void run(std::vector<Conversation*> conversations) {
    ExecutorConversation watching(*executor_);
    Settings settings{.run_queue = &run_queue_};
    if (has_loop() && executor_->descriptor() >= 0) {
      conversations.push_back(&watching);
      settings.background = 1;
    }
    row().make(conversations, settings)->run();
  }

  SharedMemory shared_;
  RunQueue run_queue_;
  std::unique_ptr<Executor> executor_;
};

TEST_P(ExecutorOf, MakesEveryCallOnceBeforeItsCallerGoesOn) {
  constexpr std::size_t number = 7;
  make_executor([this] { ++shared_->ended; }, number);
  std::deque<Calls> callers;
  std::vector<Conversation*> all;
  for (std::size_t i = 0; i < number; ++i)
    all.push_back(&callers.emplace_back(executor_->caller(i), *shared_));
  run(all);
  EXPECT_EQ(shared_->ended, number * Calls::calls_of_each);
}

using ExecutorOutside = ExecutorOf;

TEST_P(ExecutorOutside, DoesNotKeepALoopFromOthers) {
  const auto until_it_may_end = [this] {
    ++shared_->begun;
    while (!shared_->may_end) std::this_thread::sleep_for(std::chrono::microseconds(100));
    ++shared_->ended;
  };
  make_executor(until_it_may_end, 1);
  Calls caller(executor_->caller(0), *shared_);
  LetsEnd other(*shared_);
  run({&caller, &other});
  EXPECT_EQ(shared_->ended, Calls::calls_of_each);
}

TEST(WorkerProcesses, SayWhyOneOfThemHasEndedBeforeItsTime) {
  RunQueue run_queue;
  std::promise<std::string> told;
  WorkerProcesses workers(
      2, [] { raise(SIGKILL); }, &run_queue,
      [&told](std::string_view why) { told.set_value(std::string(why)); });
  workers.add_callers(1);
  Waiter task;
  EXPECT_FALSE(workers.caller(0).acquire(task));
  std::future<std::string> why = told.get_future();
  ASSERT_EQ(why.wait_for(std::chrono::minutes(1)), std::future_status::ready) << "a bound";
  EXPECT_EQ(why.get(), "a worker process was killed by signal 9");
}

bool has_no_processes(const CatalogRow& row) {
  return !row.forks;
}

std::string name_of(const testing::TestParamInfo<Parameter>& info) {
  const auto& [row, kind] = info.param;
  return test_name(*row) + "_" + kind.name;
}

INSTANTIATE_TEST_SUITE_P(Of, ExecutorOf,
                         testing::Combine(testing::ValuesIn(rows_that(has_no_processes)),
                                          testing::Values(in_place, outside[0], outside[1])),
                         name_of);

// Blocking calls one after another never have two conversations under way.
INSTANTIATE_TEST_SUITE_P(Of, ExecutorOutside,
                         testing::Combine(testing::ValuesIn(rows_that([](const CatalogRow& row) {
                                            return has_no_processes(row) &&
                                                   row.max_in_flight(2, {}) > 1;
                                          })),
                                          testing::ValuesIn(outside)),
                         name_of);

}  // namespace
}  // namespace waitbench
