// Events of a process tree, as the kernel counts them.
#include "harness/machine/tree_events.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

#include "harness/machine/counters.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::uint64_t many = 1000;

// A child that sleeps until it is told to do its work, and then again.
class Worker {
 public:
  template <class Work>
  explicit Worker(Work work) {
    if (pipe2(orders_, O_CLOEXEC) != 0 || pipe2(answers_, O_CLOEXEC) != 0)
      throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ > 0) {
      wait_until_asleep(pid_, now_ns() + 10 * ns_per_s);
      return;
    }
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    for (char order; read(orders_[0], &order, 1) == 1;) {
      work();
      if (write(answers_[1], &order, 1) != 1) break;
    }
    _exit(1);
  }
  ~Worker() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    for (const int end : {orders_[0], orders_[1], answers_[0], answers_[1]}) close(end);
  }

  pid_t pid() const { return pid_; }

  // Returns when the work is done, and the child is asleep again.
  void work() {
    char order = 'x';
    ASSERT_EQ(write(orders_[1], &order, 1), 1);
    pollfd answer{.fd = answers_[0], .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&answer, 1, 30'000), 1);
    ASSERT_EQ(read(answers_[0], &order, 1), 1);
    ASSERT_TRUE(wait_until_asleep(pid_, now_ns() + 10 * ns_per_s));
  }

 private:
  int orders_[2];
  int answers_[2];
  pid_t pid_ = 0;
};

std::vector<Event> one(Event event) {
  return {event};
}

void make_system_calls() {
  for (std::uint64_t i = 0; i < many; ++i) syscall(SYS_getppid);
}

void sleep_often() {
  for (std::uint64_t i = 0; i < many; ++i) usleep(1);
}

// One event, where it can be counted.
class TreeEventsTest : public testing::TestWithParam<Event> {
 protected:
  void SetUp() override { skip_unless_allowed(GetParam()); }
  static void skip_unless_allowed(Event event) {
    if (const std::string reason = objection_to(event); !reason.empty()) GTEST_SKIP() << reason;
  }
};

class SyscallEvents : public TreeEventsTest {};
class SwitchEvents : public TreeEventsTest {};

// Beside its work the child reads and writes once each.
TEST_P(SyscallEvents, AreCountedOneByOne) {
  Worker worker(make_system_calls);
  const TreeEvents events(worker.pid(), one(Event::syscalls));
  worker.work();
  EXPECT_GE(events.read(Event::syscalls), many + 2);
  EXPECT_LE(events.read(Event::syscalls), many + 4);
}

TEST_P(SyscallEvents, OfThreadsAndProcessesThatAreStartedMeanwhileAreCountedToo) {
  Worker worker([] {
    std::jthread thread(make_system_calls);
    const pid_t child = fork();
    if (child == 0) {
      make_system_calls();
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  });
  const TreeEvents events(worker.pid(), one(Event::syscalls));
  worker.work();
  EXPECT_GE(events.read(Event::syscalls), 2 * many);
}

TEST_P(SwitchEvents, AreThoseThatProcCountsToo) {
  Worker worker(sleep_often);
  const Counters before = read_counters(worker.pid());
  const TreeEvents events(worker.pid(), one(Event::switches));
  worker.work();
  const Counters after = read_counters(worker.pid());
  const std::uint64_t by_proc = after.switches_voluntary - before.switches_voluntary +
                                after.switches_involuntary - before.switches_involuntary;
  EXPECT_GE(by_proc, many / 2) << "on a busy machine a sleep may be over before it has begun";
  EXPECT_EQ(events.read(Event::switches), by_proc);
}

TEST_P(TreeEventsTest, AreNoneWhileTheTreeSleeps) {
  Worker worker([] {});
  const TreeEvents events(worker.pid(), one(GetParam()));
  EXPECT_EQ(events.read(GetParam()), 0U);
}

constexpr auto name_of = [](const auto& info) { return std::string(event_name(info.param)); };
INSTANTIATE_TEST_SUITE_P(Of, TreeEventsTest, testing::ValuesIn(all_events), name_of);
INSTANTIATE_TEST_SUITE_P(Of, SyscallEvents, testing::Values(Event::syscalls), name_of);
INSTANTIATE_TEST_SUITE_P(Of, SwitchEvents, testing::Values(Event::switches), name_of);

// In a child, since nobody gets root's rights back.
TEST(TreeEvents, OfSystemCallsAreRefusedWithTheReasonToWhoIsNotRoot) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (geteuid() == 0 && setuid(nobody) != 0) _exit(2);
    _exit(objection_to(Event::syscalls).find("root") == std::string::npos ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(TreeEvents, CannotBeReadOfAProcessThatIsNot) {
  if (const std::string reason = objection_to(Event::switches); !reason.empty())
    GTEST_SKIP() << reason;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(TreeEvents(child, one(Event::switches)).read(Event::switches), 0U);
}

}  // namespace
}  // namespace waitbench
