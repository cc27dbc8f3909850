// Child processes: how they are started, and what is said when they cannot be.
#include "harness/os/process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <system_error>

#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

Launch shell(const std::string& script) {
  Launch launch;
  launch.program = "/bin/sh";
  launch.arguments = {"-c", script};
  return launch;
}

std::string complaint_about(const Launch& launch) {
  try {
    const Process process(launch);
    return "";
  } catch (const std::system_error& error) {
    return error.what();
  }
}

std::optional<int> exit_of(const Launch& launch) {
  return Process(launch).wait(now_ns() + 60 * ns_per_s);
}

TEST(ProcessTest, EndsWithItsExitCode) {
  const auto status = exit_of(shell("exit 3"));
  ASSERT_TRUE(status);
  EXPECT_EQ(describe_exit(*status), "exited with code 3");
}

TEST(ProcessTest, HasADescriptorThatTellsItsEnd) {
  EXPECT_GE(Process(shell("exec sleep 60")).exit_fd(), 0);
}

TEST(ProcessTest, IsNotOverBeforeItsDeadline) {
  Process process(shell("exec sleep 60"));
  EXPECT_EQ(process.wait(now_ns()), std::nullopt);
  process.kill();
  const auto status = process.wait(now_ns() + 60 * ns_per_s);
  ASSERT_TRUE(status);
  EXPECT_EQ(describe_exit(*status), "was killed by signal 9 (Killed)");
}

TEST(ProcessTest, IsNotStartedWithoutItsProgram) {
  Launch launch;
  launch.program = "/nonexistent";
  EXPECT_EQ(complaint_about(launch), "cannot start a process: execve: No such file or directory");
}

TEST(ProcessTest, IsNotStartedOnCpusThatAreNotThere) {
  Launch launch = shell("exit 0");
  launch.cpus = {1023};
  EXPECT_EQ(complaint_about(launch), "cannot start a process: sched_setaffinity: Invalid argument");
}

TEST(ProcessTest, IsNotStartedWithADescriptorThatIsNotOpen) {
  Launch launch = shell("exit 0");
  launch.inherited = {1000};
  EXPECT_EQ(complaint_about(launch), "cannot start a process: fcntl: Bad file descriptor");
}

// This program ignores SIGPIPE; others may rely on it.
TEST(ProcessTest, OfAnotherProgramHasTheDefaultSignals) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto status = exit_of(shell("kill -PIPE $$; exit 0"));
  std::signal(SIGPIPE, SIG_DFL);
  ASSERT_TRUE(status);
  EXPECT_TRUE(WIFSIGNALED(*status) && WTERMSIG(*status) == SIGPIPE) << describe_exit(*status);
}

}  // namespace
}  // namespace waitbench
