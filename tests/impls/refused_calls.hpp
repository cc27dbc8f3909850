// System calls that fail as a test wants it, in a process of its own.
#pragma once

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <vector>

namespace waitbench {

// What a program can wait with, by select, poll and epoll.
inline const std::vector<long> calls_that_wait = {
#ifdef SYS_select
    SYS_select,
#endif
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_pselect6,   SYS_ppoll, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_io_uring_enter};

// From here on, these calls of this process fail with `error`. Ends the process if that cannot be.
inline void refuse_calls(const std::vector<long>& calls, int error) {
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const long call : calls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    filter.push_back(BPF_STMT(
        BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (static_cast<unsigned>(error) & SECCOMP_RET_DATA)));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{.len = static_cast<unsigned short>(filter.size()),
                           .filter = filter.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
    return;
  std::perror("system calls cannot be filtered here");
  _exit(EXIT_FAILURE);
}

// To be called in the process of an EXPECT_EXIT: runs `body` for a few seconds at most, and ends
// the process with 0, having said what it threw.
template <class Body>
[[noreturn]] void run_and_exit(Body body) {
  alarm(10);
  try {
    body();
    std::fputs("it threw nothing", stderr);
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
  }
  _exit(testing::Test::HasFailure() ? EXIT_FAILURE : EXIT_SUCCESS);
}

}  // namespace waitbench
