// Recording costs a trial neither a system call nor an allocation: queries are asked, answered,
// checked and entered in a process that may make no system call but its last, and that counts what
// it allocates.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstring>
#include <functional>
#include <new>

#include "impls/lib/clock.hpp"
#include "tests/harness/allocations.hpp"
#include "tests/harness/scripted_replies.hpp"

namespace waitbench {
namespace {

// From here on, any system call but exit_group kills this process with SIGSYS.
bool forbid_system_calls() {
  sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  const sock_fprog program{.len = std::size(instructions), .filter = instructions};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum class Found { nothing, allocation, system_call, no_filter, something_else };

// What `body` was found to do in a child process.
Found found_in(const std::function<void()>& body) {
  constexpr int allocated = 1, unfiltered = 2;
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
    if (!forbid_system_calls()) _exit(unfiltered);
    const std::size_t before = allocations();
    body();
    _exit(allocations() == before ? 0 : allocated);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) return Found::system_call;
  if (!WIFEXITED(status)) return Found::something_else;
  switch (WEXITSTATUS(status)) {
    case 0: return Found::nothing;
    case allocated: return Found::allocation;
    case unfiltered: return Found::no_filter;
  }
  return Found::something_else;
}

// Asks and answers without a socket, in place.
void converse(ScriptedTalk& talk, std::size_t queries) {
  for (std::size_t i = 0; i < queries; ++i) {
    wire::Request request;
    std::memcpy(&request, talk.step().data(), sizeof request);
    const Step listening = talk.resume(sizeof request);
    const wire::ReplyHeader header{.payload_bytes = request.payload_bytes, .id = request.id};
    std::memcpy(listening.data(), &header, sizeof header);
    fill_payload(request.id, 0, {listening.data() + sizeof header, request.payload_bytes});
    talk.resume(static_cast<Outcome>(sizeof header + request.payload_bytes));
  }
}

class RecordingTest : public testing::Test {
 protected:
  void SetUp() override {
    const Found found = found_in([] { now_ns(); });
    if (found == Found::no_filter) GTEST_SKIP() << "system calls cannot be filtered here";
    if (found == Found::system_call) GTEST_SKIP() << "this machine's clock is a system call";
    ASSERT_EQ(found, Found::nothing);
  }
};

TEST_F(RecordingTest, MakesNoSystemCallAndNoAllocation) {
  for (const bool check_every_byte : {false, true}) {
    ScriptedTalk talk({.reply_bytes = 256}, check_every_byte);
    talk.begin();
    EXPECT_EQ(found_in([&talk] { converse(talk, 1000); }), Found::nothing);
  }
}

// In this process, where the ledger can be looked at.
TEST_F(RecordingTest, IsWhatTheTestAboveLooksAt) {
  ScriptedTalk talk({.reply_bytes = 256});
  talk.begin();
  converse(talk, 1000);
  EXPECT_EQ(talk.ledger().failure(), "");
  EXPECT_EQ(talk.ledger().next_id(), 1002U) << "a thousand, and the one that is asked next";
  EXPECT_EQ(talk.ledger().record(1000).answers, 1U);
}

TEST_F(RecordingTest, WouldBeFoundOut) {
  EXPECT_EQ(found_in([] { getppid(); }), Found::system_call);
  EXPECT_EQ(found_in([] { ::operator delete(::operator new(8)); }), Found::allocation);
}

}  // namespace
}  // namespace waitbench
