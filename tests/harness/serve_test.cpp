// `waitbench serve` as a process: what it says, how it ends, and what it refuses.
#include "harness/backend/serve.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/backend/endpoint.hpp"
#include "tests/harness/backend_client.hpp"
#include "tests/impls/refused_calls.hpp"

namespace waitbench::backend {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    reading.reset(ends[0]);
    writing.reset(ends[1]);
  }
  // Up to the end of a line, or of the pipe.
  std::string read_line() const {
    std::string line;
    char next = 0;
    while (::read(reading.get(), &next, 1) == 1 && next != '\n') line.push_back(next);
    return line;
  }
  Descriptor reading;
  Descriptor writing;
};

// serve() in a child process; `redirected` (stdout or stderr) goes to `output`.
pid_t start(const ServeOptions& options, Pipe& output, int redirected) {
  std::fflush(nullptr);  // else the child may say what the tests left unsaid
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    dup2(output.writing.get(), redirected);
    _exit(serve(options));
  }
  output.writing.reset();
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Serve, SaysOnStdoutWhereItServesAndEndsCleanlyOnSigterm) {
  Pipe out;
  const pid_t child = start({}, out, STDOUT_FILENO);
  const std::string line = out.read_line();
  const std::string unix_name = "waitbench-" + std::to_string(child);
  ASSERT_TRUE(line.starts_with("serving on 127.0.0.1:")) << line;
  ASSERT_TRUE(line.ends_with(" and @" + unix_name)) << line;
  Client over_unix(unix_address(unix_name));
  EXPECT_TRUE(over_unix.ask({.id = 1}).answers(1, 0));
  ::kill(child, SIGTERM);
  EXPECT_EQ(exit_code(child), 0);
}

TEST(Serve, TellsTheReadyDescriptorItsTwoEndpoints) {
  Pipe ready;
  Pipe out;
  const std::string unix_name = "waitbench-serve-test-" + std::to_string(getpid());
  const pid_t child =
      start({.unix_name = unix_name, .ready_fd = ready.writing.get()}, out, STDOUT_FILENO);
  ready.writing.reset();
  std::istringstream line(ready.read_line());
  std::string tcp, unix;
  ASSERT_TRUE(line >> tcp >> unix) << line.str();
  EXPECT_EQ(unix, "@" + unix_name);
  EXPECT_EQ(ready.read_line(), "") << "it closes the descriptor";
  Client over_tcp(parse_endpoint(tcp));
  EXPECT_TRUE(over_tcp.ask({.id = 1}).answers(1, 0));
  ::kill(child, SIGINT);
  EXPECT_EQ(exit_code(child), 0);
  EXPECT_EQ(out.read_line(), "") << "nothing is said on stdout";
}

TEST(Serve, DiesWithItsParent) {
  Pipe ready;
  Pipe alive;  // its writing end is closed when the last process that has it is gone
  const pid_t parent = fork();
  if (parent == 0) {
    if (fork() == 0) _exit(serve({.ready_fd = ready.writing.get()}));
    pause();
    _exit(0);
  }
  ready.writing.reset();
  alive.writing.reset();
  ASSERT_NE(ready.read_line(), "");
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_EQ(alive.read_line(), "");  // returns when the server is gone
}

TEST(Serve, RefusesAPortThatIsTaken) {
  RunningServer other;
  Pipe errors;
  const std::string taken = to_text(other.tcp());
  const pid_t child = start({.tcp = taken}, errors, STDERR_FILENO);
  EXPECT_EQ(errors.read_line(),
            "waitbench serve: cannot listen on " + taken + ": Address already in use");
  EXPECT_EQ(errors.read_line(), "") << "one line is enough";
  EXPECT_EQ(exit_code(child), 2);
}

TEST(Serve, RefusesAnEndpointThatIsNone) {
  for (const char* const text : {"", "8000", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:70000",
                                 "127.0.0.1:80x", "127.0.0.1:-1", "::1:8000", "[::1]", "[]:80"}) {
    Pipe errors;
    const pid_t child = start({.tcp = text}, errors, STDERR_FILENO);
    EXPECT_NE(errors.read_line().find("give HOST:PORT"), std::string::npos) << text;
    EXPECT_EQ(exit_code(child), 2) << text;
  }
}

TEST(Serve, RefusesANameThatIsTooLong) {
  Pipe errors;
  const pid_t child = start({.unix_name = std::string(108, 'x')}, errors, STDERR_FILENO);
  EXPECT_NE(errors.read_line().find("107"), std::string::npos);
  EXPECT_EQ(exit_code(child), 2);
}

// The process of a server that is ready, in which these system calls fail from then on.
pid_t start_without(const std::vector<long>& calls, int error, Pipe& ready, Pipe& errors,
                    const std::string& unix_name) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    dup2(errors.writing.get(), STDERR_FILENO);
    refuse_calls(calls, error);
    _exit(serve({.unix_name = unix_name, .ready_fd = ready.writing.get()}));
  }
  ready.writing.reset();
  errors.writing.reset();
  return child;
}

class ServeWithoutPwait2 : public testing::TestWithParam<int> {};

TEST_P(ServeWithoutPwait2, AnswersAsItDoesElsewhere) {
  Pipe ready, errors;
  const std::string unix_name = "waitbench-without-pwait2-" + std::to_string(getpid());
  const pid_t child = start_without({SYS_epoll_pwait2}, GetParam(), ready, errors, unix_name);
  ASSERT_NE(ready.read_line(), "");
  Client client(unix_address(unix_name));
  EXPECT_TRUE(client.ask({.id = 1}).answers(1, 0));
  EXPECT_TRUE(client.ask({.id = 2, .delay_ns = 2'000'000}).answers(2, 0));
  ::kill(child, SIGTERM);
  EXPECT_EQ(exit_code(child), 0);
}

INSTANTIATE_TEST_SUITE_P(With, ServeWithoutPwait2, testing::Values(ENOSYS, EPERM),
                         [](const auto& error) {
                           return error.param == EPERM ? "Eperm" : "Enosys";
                         });

TEST(Serve, SaysThatAWaitFailedAndDoesNotBlameTheOptions) {
  Pipe ready, errors;
  const pid_t child = start_without(calls_that_wait, EINVAL, ready, errors, "");
  EXPECT_EQ(errors.read_line(), "waitbench serve: epoll_pwait2: Invalid argument");
  EXPECT_EQ(exit_code(child), 1);
}

TEST(Serve, FailsWhereNobodyReadsThatItIsReady) {
  Pipe ready, errors;
  ready.reading.reset();
  const pid_t child = start({.ready_fd = ready.writing.get()}, errors, STDERR_FILENO);
  EXPECT_EQ(errors.read_line(),
            "waitbench serve: cannot write to the ready descriptor: Broken pipe");
  EXPECT_EQ(exit_code(child), 1);
}

TEST(Serve, RefusesAWorkloadThatThereIsNot) {
  Pipe errors;
  const pid_t child = start({.workload = "telnet"}, errors, STDERR_FILENO);
  EXPECT_EQ(
      errors.read_line(),
      "waitbench serve: there is no workload 'telnet': give delay or http or nginx or postgres");
  EXPECT_EQ(exit_code(child), 2);
}

TEST(Endpoint, ReadsWhatItWrites) {
  EXPECT_EQ(to_text(parse_endpoint("127.0.0.1:8000")), "127.0.0.1:8000");
  EXPECT_EQ(to_text(parse_endpoint("localhost:0")), "127.0.0.1:0");
  EXPECT_EQ(to_text(parse_endpoint("[::1]:8000")), "[::1]:8000");
  EXPECT_EQ(to_text(parse_endpoint("[2001:DB8:0::7]:65535")), "[2001:db8::7]:65535");
  EXPECT_EQ(to_text(unix_address("waitbench-1")), "@waitbench-1");
}

TEST(Endpoint, OfIPv6IsServed) {
  Pipe words;
  const pid_t child = start({.tcp = "[::1]:0"}, words, STDOUT_FILENO);
  const std::string line = words.read_line();
  const std::string at = line.substr(11, line.find(" and ") - 11);  // serving on ADDRESS and @NAME
  EXPECT_TRUE(at.starts_with("[::1]:")) << line;
  Client over_ipv6(parse_endpoint(at));
  EXPECT_TRUE(over_ipv6.ask({.id = 1}).answers(1, 0));
  ::kill(child, SIGTERM);
  EXPECT_EQ(exit_code(child), 0);
}

}  // namespace
}  // namespace waitbench::backend
