// Threads that begin together or not at all.
#include "impls/lib/threads.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

namespace waitbench {
namespace {

TEST(RunInThreads, CallsTheBodyOnceForEachInAThreadOfItsOwn) {
  constexpr std::size_t number = 20;
  std::mutex mutex;
  std::multiset<std::size_t> called;
  std::set<std::thread::id> threads;
  run_in_threads(number, [&](std::size_t i) {
    const std::lock_guard lock(mutex);
    called.insert(i);
    threads.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(called.size(), number);
  EXPECT_EQ(std::set(called.begin(), called.end()).size(), number);
  EXPECT_EQ(threads.size(), number);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST(RunInThreads, ThrowsWhatTheFirstOfThemThrewOnceAllHaveEnded) {
  std::atomic<int> ended = 0;
  try {
    run_in_threads(10, [&ended](std::size_t i) {
      ++ended;
      if (i == 7) throw std::runtime_error("the seventh");
    });
    ADD_FAILURE() << "it threw nothing";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the seventh");
  }
  EXPECT_EQ(ended, 10);
}

// The address space that this process may have, for as long as this lives.
class AddressSpace {
 public:
  explicit AddressSpace(rlim_t more_bytes) {
    getrlimit(RLIMIT_AS, &before_);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit tight{.rlim_cur = pages * static_cast<rlim_t>(getpagesize()) + more_bytes,
                       .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_AS, &tight);
  }
  ~AddressSpace() { setrlimit(RLIMIT_AS, &before_); }
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

 private:
  rlimit before_;
};

// Some stacks fit into 64 MiB, and then no more.
TEST(RunInThreads, CallsItForNobodyWhenTheMachineRefusesOne) {
  std::atomic<int> called = 0;
  std::string complaint;
  {
    const AddressSpace tight(64 << 20);
    try {
      run_in_threads(1000, [&called](std::size_t) { ++called; });
    } catch (const std::system_error& error) {
      complaint = error.what();
    }
  }
  EXPECT_EQ(complaint, "cannot start a thread: Resource temporarily unavailable");
  EXPECT_EQ(called, 0);
}

}  // namespace
}  // namespace waitbench
