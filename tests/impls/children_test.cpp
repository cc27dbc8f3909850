#include "impls/lib/children.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <string>

namespace waitbench {
namespace {

// A counter that this process shares with its children.
class SharedCount {
 public:
  SharedCount()
      : count_(new (mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0)) std::atomic<int>(0)) {}
  ~SharedCount() { munmap(count_, sizeof *count_); }
  std::atomic<int>& operator*() const { return *count_; }

 private:
  std::atomic<int>* count_;
};

std::string complaint_of_wait(Children& children) {
  try {
    children.wait_for_all();
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(Children, RunTheirFunctionsAndAreWaitedFor) {
  const SharedCount count;
  Children children;
  for (int i = 0; i < 10; ++i) children.start([&] { ++*count; });
  children.wait_for_all();
  EXPECT_EQ(*count, 10);
}

TEST(Children, HaveACopyOfWhatTheParentKnows) {
  int number = 1;
  Children children;
  children.start([&] { number = 2; });
  children.wait_for_all();
  EXPECT_EQ(number, 1);
}

TEST(Children, ThatCrashAreReportedWithoutWaitingForTheOthers) {
  Children children;
  children.start([] {
    while (true) pause();
  });
  children.start([] { raise(SIGKILL); });
  EXPECT_EQ(complaint_of_wait(children), "a child process was killed by signal 9");
}

TEST(Children, AreCalledByTheirNamesWhenTheyCrash) {
  Children children;
  children.start([] { raise(SIGKILL); }, "the first");
  children.start([] {}, "the second");
  EXPECT_EQ(complaint_of_wait(children), "the first was killed by signal 9");
}

TEST(Children, ThatThrowAreReported) {
  Children children;
  children.start([] { throw std::runtime_error("it is meant to be so: part of a test"); });
  EXPECT_EQ(complaint_of_wait(children), "a child process exited with code 1");
}

TEST(Children, DoNotOutliveTheirOwner) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  {
    Children children;
    children.start([] {
      while (true) pause();
    });
  }
  close(pipe_ends[1]);
  char byte;
  EXPECT_EQ(read(pipe_ends[0], &byte, 1), 0) << "the child would hold the other end open";
  close(pipe_ends[0]);
}

}  // namespace
}  // namespace waitbench
