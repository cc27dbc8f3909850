// The stage: what a turn reads, and what becomes of trials that are not wanted any more.
#include "harness/stage/stage.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>

#include "harness/os/proc_text.hpp"
#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

constexpr std::size_t in_flight = 8;

StageOptions options(std::int64_t deadline_ns = 30 * ns_per_s) {
  return {.placement = plan_placement(available_cpus()), .deadline_ns = deadline_ns};
}

TrialOrder usual_order() {
  TrialOrder order;
  order.cell = {.in_flight = in_flight, .delay_us = 200, .reply_bytes = 64};
  return order;
}

// Whether a child of this process lives (is more than an exit status) whose command line has
// `words` in it.
bool has_living_child(const std::string& words) {
  std::istringstream children(
      read_text("/proc/self/task/" + std::to_string(getpid()) + "/children").value_or(""));
  for (std::string pid; children >> pid;) {
    std::ifstream file("/proc/" + pid + "/cmdline");  // empty for one that has ended
    const std::string command((std::istreambuf_iterator<char>(file)), {});
    if (command.find(words) != command.npos) return true;
  }
  return false;
}

bool becomes_childless(const std::string& words) {
  for (const std::int64_t end = now_ns() + 10 * ns_per_s; now_ns() < end; usleep(1000))
    if (!has_living_child(words)) return true;
  return false;
}

TEST(Stage, ATurnAnswersAsManyQueriesAsItLetsThrough) {
  Stage stage(options());
  RunningTrial& trial = stage.start(participant_named("callback-epoll"), usual_order(), 1000);
  for (const std::size_t queries : {100, 101, 200}) {
    const Turn turn = stage.take_turn(trial, queries, nullptr);
    EXPECT_EQ(turn.queries, queries);
    EXPECT_EQ(turn.in_flight_peak_backend, in_flight);
    EXPECT_GT(turn.client_cpu_us_per_query, 0);
    EXPECT_GT(turn.backend_cpu_us_per_query, 0);
    EXPECT_GT(turn.in_flight_mean, 0);
    EXPECT_LE(turn.in_flight_mean, in_flight);
  }
  stage.finish(trial);
}

TEST(Stage, QueriesThatWaitedAtTheGateAreLeftOutOfLatency) {
  Stage stage(options());
  RunningTrial& trial = stage.start(participant_named("callback-epoll"), usual_order(), 1000);
  Latency latency;
  stage.take_turn(trial, 100, &latency);
  EXPECT_EQ(latency.corrected_ns.total(), 100 - in_flight);
  stage.finish(trial);
}

TEST(Stage, TrialsTakeTurnsOneAfterTheOther) {
  Stage stage(options());
  std::vector<RunningTrial*> trials;
  for (const char* name : {"blocking", "callback-epoll", "handwritten-callback-epoll"})
    trials.push_back(&stage.start(participant_named(name), usual_order(), 1000));
  for (int round = 0; round < 3; ++round)
    for (RunningTrial* trial : trials)
      EXPECT_EQ(stage.take_turn(*trial, 50, nullptr).queries, 50U) << trial->participant->name;
  for (RunningTrial* trial : trials) stage.finish(*trial);
}

TEST(Stage, ATrialThatDidNotStartIsNotLeftRunning) {
  Stage stage(options(ns_per_s));
  EXPECT_THROW(stage.start(participant_named("control-serial"), usual_order(), 1000), TrialFailed);
  EXPECT_TRUE(becomes_childless("control-serial"));
}

TEST(Stage, AParticipantWithACommandOfItsOwnIsStartedByIt) {
  Stage stage(options());
  Participant other = participant_named("callback-epoll");
  other.command = [](const TrialOrder&) { return TrialCommand{"/bin/sh", {"-c", "exit 3"}}; };
  try {
    stage.start(other, usual_order(), 1000);
    FAIL() << "its command is not a trial";
  } catch (const TrialFailed& error) {
    EXPECT_EQ(std::string(error.what()), "its process exited with code 3");
  }
}

TEST(Stage, AnAbandonedTrialEndsAndTheOthersGoOn) {
  Stage stage(options());
  RunningTrial& unwanted = stage.start(participant_named("coroutine-epoll"), usual_order(), 1000);
  RunningTrial& other = stage.start(participant_named("callback-epoll"), usual_order(), 1000);
  EXPECT_TRUE(has_living_child("coroutine-epoll"));
  stage.abandon(unwanted);
  EXPECT_TRUE(becomes_childless("coroutine-epoll"));
  EXPECT_EQ(stage.take_turn(other, 100, nullptr).queries, 100U);
  stage.finish(other);
}

TEST(Stage, LeavesNoProcessBehind) {
  {
    Stage stage(options());
    stage.start(participant_named("callback-epoll"), usual_order(), 1000);
    EXPECT_TRUE(has_living_child("serve"));
  }
  EXPECT_FALSE(has_living_child(""));
}

// The control lives on when its backend is gone, so its own end is left to whoever started it.
TEST(Stage, ItsTrialsDieWithItWhenItIsKilled) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor reading(ends[0]), writing(ends[1]);
  const pid_t harness = fork();
  ASSERT_GE(harness, 0);
  if (harness == 0) {
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    Stage stage(options());
    const pid_t trial =
        stage.start(participant_named("control-never-ends"), usual_order(), 1000).process.pid();
    if (write(writing.get(), &trial, sizeof trial) != sizeof trial) _exit(1);
    while (true) pause();
  }
  pollfd told{.fd = reading.get(), .events = POLLIN, .revents = 0};
  const bool in_time = poll(&told, 1, 60'000) == 1;
  pid_t trial = 0;
  const bool is_told = in_time && read(reading.get(), &trial, sizeof trial) == sizeof trial;
  kill(harness, SIGKILL);
  waitpid(harness, nullptr, 0);
  ASSERT_TRUE(is_told);
  const auto has_ended = [trial] {  // an exit status that nobody asks for is no process any more
    const auto status = read_text("/proc/" + std::to_string(trial) + "/status");
    return !status || field(*status, "State").value_or("Z").starts_with('Z');
  };
  for (const std::int64_t end = now_ns() + 10 * ns_per_s; !has_ended() && now_ns() < end;)
    usleep(1000);
  EXPECT_TRUE(has_ended());
  if (!has_ended()) kill(trial, SIGKILL);
}

// As Ctrl-Z and `fg` do. The trial goes on meanwhile, and is held long before the deadline.
TEST(Stage, ATrialIsNotLateBecauseTheHarnessWasStopped) {
  constexpr std::int64_t deadline_ns = 5 * ns_per_s;
  Stage stage(options(deadline_ns));
  const pid_t stopper = fork();
  ASSERT_GE(stopper, 0);
  if (stopper == 0) {
    const pid_t harness = getppid();
    kill(harness, SIGSTOP);
    usleep(static_cast<useconds_t>((deadline_ns + ns_per_s) / 1000));
    kill(harness, SIGCONT);
    _exit(0);
  }
  RunningTrial& trial = stage.start(participant_named("callback-epoll"), usual_order(), 1000);
  EXPECT_EQ(stage.take_turn(trial, 100, nullptr).queries, 100U);
  stage.finish(trial);
  waitpid(stopper, nullptr, 0);
}

// Takes turns until the stage gives up, for a reason that must be the backend's.
std::string reason_of_the_end(Stage& stage, RunningTrial& trial) {
  try {
    for (int turn = 0; turn < 2; ++turn) stage.take_turn(trial, 100, nullptr);
    return "it went on without a backend";
  } catch (const BackendFailed& error) {
    return error.what();
  } catch (const TrialFailed& error) {
    return std::string("the trial is blamed: ") + error.what();
  }
}

TEST(Stage, ABackendThatDiesIsSaidToHaveDied) {
  Stage stage(options());
  RunningTrial& trial = stage.start(participant_named("callback-epoll"), usual_order(), 1000);
  ASSERT_EQ(kill(stage.backend_pid(), SIGKILL), 0);
  EXPECT_EQ(reason_of_the_end(stage, trial), "the backend was killed by signal 9 (Killed)");
}

// A backend elsewhere is no child, so only its connections tell that it has ended; and the trial
// has failed over its own before the stage looks.
TEST(Stage, ABackendElsewhereThatDiesIsNotTheFaultOfTheTrialThatFailsFirst) {
  StageOptions elsewhere = options();
  Backend backend("delay", elsewhere.placement.backend_cpus, now_ns() + 30 * ns_per_s);
  elsewhere.placement.backend = backend.endpoint(Transport::unix);
  Stage stage(elsewhere);
  TrialOrder order = usual_order();
  order.cell.transport = Transport::unix;
  RunningTrial& trial = stage.start(participant_named("callback-epoll"), order, 1000);
  ASSERT_EQ(kill(backend.pid(), SIGKILL), 0);
  for (const std::int64_t end = now_ns() + 30 * ns_per_s; !trial.ledger.failed() && now_ns() < end;)
    usleep(1000);
  ASSERT_TRUE(trial.ledger.failed());
  const std::string reason = reason_of_the_end(stage, trial);
  EXPECT_TRUE(reason.starts_with("the backend ")) << reason;
}

}  // namespace
}  // namespace waitbench
