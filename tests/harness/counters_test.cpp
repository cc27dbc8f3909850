// What is read of a process from outside.
#include "harness/machine/counters.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

#include "harness/os/process_tree.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

// A child that does one thing until it is killed.
class Child {
 public:
  template <class Body>
  explicit Child(Body body) : pid_(fork()) {
    if (pid_ < 0) throw std::runtime_error("cannot fork");  // or kill() would mean everybody
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    while (true) body();
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

void spin_for(std::int64_t cpu_ns) {
  for (const std::int64_t end = process_cpu_ns(getpid()) + cpu_ns;
       process_cpu_ns(getpid()) < end;) {
  }
}

TEST(Counters, CountAVoluntarySwitchForEachSleep) {
  const Counters before = read_counters(getpid());
  for (int i = 0; i < 20; ++i) usleep(100);
  const Counters after = read_counters(getpid());
  EXPECT_GE(after.switches_voluntary, before.switches_voluntary + 20);
}

TEST(Counters, AddUpTheThreads) {
  std::atomic<int> slept = 0;
  std::atomic<bool> read = false;
  const auto sleep_and_wait = [&] {
    for (int i = 0; i < 20; ++i) usleep(100);
    ++slept;
    slept.notify_all();
    read.wait(false);
  };
  const Counters before = read_counters(getpid());
  std::jthread one(sleep_and_wait), other(sleep_and_wait);
  for (int seen = slept; seen < 2; seen = slept) slept.wait(seen);
  const Counters after = read_counters(getpid());
  read = true;
  read.notify_all();
  EXPECT_GE(after.switches_voluntary, before.switches_voluntary + 40);
}

TEST(Counters, CountCpuTime) {
  const Counters before = read_counters(getpid());
  spin_for(5 * ns_per_ms);
  EXPECT_GE(read_counters(getpid()).cpu_ns, before.cpu_ns + 5 * ns_per_ms);
}

TEST(Counters, AreNothingForAProcessThatIsNot) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  const Counters counters = read_counters(child);
  EXPECT_EQ(counters.cpu_ns, 0);
  EXPECT_EQ(counters.switches_voluntary, 0U);
}

// A process whose child, and that child's child, each burn some CPU time, and then sleep.
class Family {
 public:
  Family()
      : head_([] {
          if (fork() != 0) sleep_for_ever();
          if (fork() != 0) spin_and_sleep();
          spin_and_sleep();
        }) {}
  pid_t pid() const { return head_.pid(); }

  static constexpr std::int64_t cpu_ns_each = 5 * ns_per_ms;

 private:
  [[noreturn]] static void sleep_for_ever() {
    while (true) pause();
  }
  [[noreturn]] static void spin_and_sleep() {
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    spin_for(cpu_ns_each);
    sleep_for_ever();
  }

  Child head_;
};

template <class Condition>
bool comes_true(Condition condition) {
  for (const std::int64_t end = now_ns() + 10 * ns_per_s; now_ns() < end; usleep(1000))
    if (condition()) return true;
  return false;
}

TEST(TreeCounters, AddUpAProcessAndItsDescendants) {
  const Family family;
  TreeCounters tree(family.pid());
  EXPECT_TRUE(comes_true([&] { return tree.read().cpu_ns >= 2 * Family::cpu_ns_each; }));
  EXPECT_EQ(process_tree(family.pid()).size(), 3U);
  EXPECT_LT(process_cpu_ns(family.pid()), Family::cpu_ns_each) << "the head itself does nothing";
}

// A list of children is longer than what one read of /proc gives.
TEST(ProcessTree, HasAllOfManyChildren) {
  constexpr std::size_t many = 1000;
  const Child parent([] {
    for (std::size_t i = 0; i < many; ++i)
      if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
        while (true) pause();
      }
    while (true) pause();
  });
  EXPECT_TRUE(comes_true([&] { return process_tree(parent.pid()).size() == 1 + many; }));
}

TEST(CountSockets, IsOfThoseThatAreOpenNow) {
  const std::size_t before = count_sockets(getpid());
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  int no_sockets[2];
  ASSERT_EQ(pipe(no_sockets), 0);
  EXPECT_EQ(count_sockets(getpid()), before + 2);
  for (const int end : {pair[0], pair[1], no_sockets[0], no_sockets[1]}) close(end);
  EXPECT_EQ(count_sockets(getpid()), before);
}

TEST(CountSockets, CountsThoseOfDescendantsOnceWhoeverSharesThem) {
  const std::size_t before = count_sockets(getpid());
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const Child child([] {
    if (socket(AF_UNIX, SOCK_STREAM, 0) < 0) _exit(EXIT_FAILURE);
    while (true) pause();
  });
  for (const int end : pair) close(end);
  EXPECT_TRUE(comes_true([&] { return count_sockets(getpid()) == before + 3; }));
}

TEST(CountSockets, IsZeroOfAProcessThatIsGone) {
  EXPECT_EQ(count_sockets(1 << 30), 0U);
}

TEST(TreeCounters, DoNotForgetWhatHasEnded) {
  const Family family;
  TreeCounters tree(family.pid());
  ASSERT_TRUE(comes_true([&] { return tree.read().cpu_ns >= 2 * Family::cpu_ns_each; }));
  const Counters before = tree.read();
  const std::vector<pid_t> pids = process_tree(family.pid());
  ASSERT_EQ(pids.size(), 3U);
  kill(pids[2], SIGKILL);
  kill(pids[1], SIGKILL);
  ASSERT_TRUE(comes_true([&] { return process_tree(family.pid()).size() <= 2; }));
  const Counters after = tree.read();
  EXPECT_GE(after.cpu_ns, before.cpu_ns);
  EXPECT_GE(after.switches_voluntary, before.switches_voluntary);
}

TEST(TreeCounters, DoNotForgetThreadsThatHaveEnded) {
  TreeCounters tree(getpid());
  std::atomic<bool> slept = false, end = false;
  std::jthread thread([&] {
    for (int i = 0; i < 20; ++i) usleep(100);
    slept = true;
    slept.notify_all();
    end.wait(false);
  });
  slept.wait(false);
  const Counters before = tree.read();
  end = true;
  end.notify_all();
  thread.join();
  EXPECT_GE(tree.read().switches_voluntary, before.switches_voluntary);
}

TEST(WaitUntilAsleep, LooksAtAllProcesses) {
  const Child child([] {
    if (fork() != 0)
      while (true) pause();
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    while (true) {
    }
  });
  ASSERT_TRUE(comes_true([&] { return process_tree(child.pid()).size() == 2; }));
  EXPECT_FALSE(wait_until_asleep(child.pid(), now_ns() + 300 * ns_per_ms));
}

TEST(WaitUntilAsleep, ReturnsForAProcessThatSleeps) {
  const Child child([] { pause(); });
  EXPECT_TRUE(wait_until_asleep(child.pid(), now_ns() + 10 * ns_per_s));
}

// So it is when this process was stopped meanwhile.
TEST(WaitUntilAsleep, LooksOnceMoreWhenTheDeadlineHasPassed) {
  const Child child([] { pause(); });
  ASSERT_TRUE(wait_until_asleep(child.pid(), now_ns() + 10 * ns_per_s));
  EXPECT_TRUE(wait_until_asleep(child.pid(), now_ns() - ns_per_s));
}

TEST(WaitUntilAsleep, GivesUpOnAProcessThatSpins) {
  const Child child([] {});
  EXPECT_FALSE(wait_until_asleep(child.pid(), now_ns() + 200 * ns_per_ms));
}

// It waits for a CPU that another process has, and so uses no CPU time: that is not sleep.
TEST(WaitUntilAsleep, IsNotDeceivedByAProcessThatGetsNoCpu) {
  const Child child([] {});
  const sched_param idle{};
  ASSERT_EQ(sched_setscheduler(child.pid(), SCHED_IDLE, &idle), 0);
  cpu_set_t cpus, first;
  ASSERT_EQ(sched_getaffinity(0, sizeof cpus, &cpus), 0);
  CPU_ZERO(&first);
  for (std::size_t cpu = 0; CPU_COUNT(&first) == 0; ++cpu)
    if (CPU_ISSET(cpu, &cpus)) CPU_SET(cpu, &first);
  ASSERT_EQ(sched_setaffinity(child.pid(), sizeof first, &first), 0);
  const Child rival([&first, done = false]() mutable {
    if (!done) sched_setaffinity(0, sizeof first, &first);
    done = true;
  });
  EXPECT_FALSE(wait_until_asleep(child.pid(), now_ns() + 300 * ns_per_ms));
}

TEST(WaitUntilAsleep, LooksAtAllThreads) {
  const Child child([] {
    std::jthread spinner([] {
      while (true) {
      }
    });
    pause();
  });
  usleep(20'000);
  EXPECT_FALSE(wait_until_asleep(child.pid(), now_ns() + 300 * ns_per_ms));
}

}  // namespace
}  // namespace waitbench
