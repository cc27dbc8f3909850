// What is read of a trial's memory, and what is made of it.
#include "harness/machine/memory.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "impls/lib/clock.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench {
namespace {

constexpr const char* rollup =
    "557cfb8f4000-7ffd1b5f9000 ---p 00000000 00:00 0                          [rollup]\n"
    "Rss:                3480 kB\n"
    "Pss:                1266 kB\n"
    "Pss_Dirty:           548 kB\n"
    "Pss_Anon:            516 kB\n"
    "Pss_File:            718 kB\n"
    "Pss_Shmem:            32 kB\n"
    "Anonymous:           520 kB\n";

constexpr const char* meminfo =
    "MemTotal:       24684092 kB\n"
    "KReclaimable:     126832 kB\n"
    "Slab:             157556 kB\n"
    "SReclaimable:     126832 kB\n"
    "KernelStack:        1496 kB\n"
    "PageTables:         2188 kB\n"
    "Percpu:              712 kB\n";

TEST(AnonymousMemory, LeavesOutFilesAndWhatIsSharedByIntent) {
  EXPECT_EQ(parse_anonymous_kib(rollup), 516);
}

TEST(AnonymousMemory, IsUnknownWhereTheKernelDoesNotTellItApart) {
  EXPECT_EQ(parse_anonymous_kib("Rss:    3480 kB\nPss:    1266 kB\n"), std::nullopt);
  EXPECT_EQ(parse_anonymous_kib(""), std::nullopt);
}

TEST(KernelMemory, AddsUpObjectsStacksPageTablesAndCounters) {
  EXPECT_EQ(parse_kernel_kib(meminfo), 157'556 + 1'496 + 2'188 + 712);
}

TEST(KernelMemory, IsUnknownWhereAPartIsMissing) {
  EXPECT_EQ(parse_kernel_kib("Slab:    157556 kB\nKernelStack:    1496 kB\n"), std::nullopt);
}

TEST(MemoryPerConnection, IsWhatTheFurtherConnectionsAdd) {
  EXPECT_EQ(memory_per_connection({100, 5000}, {400, 8000}, 300), (Memory{1.0, 10.0}));
}

TEST(MemoryPerConnection, IsUnknownWhereAReadingIsOrWhereLessThanNothingComesOut) {
  EXPECT_EQ(memory_per_connection({std::nullopt, 5000}, {400, 8000}, 300),
            (Memory{std::nullopt, 10.0}));
  EXPECT_EQ(memory_per_connection({100, 8000}, {400, 5000}, 300), (Memory{1.0, std::nullopt}));
}

TEST(TotalMemory, IsUnknownWhereAPartIs) {
  EXPECT_EQ(total_kib({100, 5000}), 5100);
  EXPECT_EQ(total_kib({std::nullopt, 5000}), std::nullopt);
  EXPECT_EQ(total_kib({100, std::nullopt}), std::nullopt);
}

// A child process, itself with a child, each of which has touched memory of its own; and they share
// a mapping, as trials share a ledger.
class Family {
 public:
  static constexpr double own_kib = 4 << 10;

  Family() {
    int ends[2];
    if (pipe(ends) != 0) return;
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    pid_ = fork();
    if (pid_ == 0) grow(writing.get());
    writing.reset();
    char ready[2];
    for (ssize_t more = 1; more > 0 && grown_ < 2; grown_ += more)
      more = std::max<ssize_t>(0, read(reading.get(), ready, sizeof ready));
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;
  ~Family() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }
  bool has_grown() const { return grown_ == 2; }

 private:
  [[noreturn]] static void grow(int ready) {
    touch(MAP_SHARED);
    fork();
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    touch(MAP_PRIVATE);
    if (write(ready, "", 1) != 1) _exit(1);
    while (true) pause();
  }
  static void touch(int sharing) {
    constexpr auto bytes = static_cast<std::size_t>(own_kib) << 10;
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) std::memset(memory, 1, bytes);
  }

  pid_t pid_ = -1;
  ssize_t grown_ = 0;  // members
};

TEST(ReadMemory, IsThatOfTheWholeTreeWithoutWhatItShares) {
  const Family family;
  ASSERT_TRUE(family.has_grown());
  const Memory memory = read_memory(family.pid(), now_ns());
  ASSERT_TRUE(memory.user_kib);
  EXPECT_GT(*memory.user_kib, 2 * Family::own_kib);
  EXPECT_LT(*memory.user_kib, 3 * Family::own_kib);
  EXPECT_TRUE(memory.kernel_kib);
}

TEST(ReadMemory, IsUnknownForAProcessThatIsNotThere) {
  EXPECT_EQ(read_memory(-1, now_ns()).user_kib, std::nullopt);
}

}  // namespace
}  // namespace waitbench
