// The system calls of a step whose descriptor is ready.
#pragma once

#include <sys/socket.h>

#include "impls/conversation.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

// Performs a read or write step: one system call, one outcome. `flags` as of recv and send.
inline Outcome transfer(int socket, Step step, int flags = 0) {
  return result_or_error(step.kind == StepKind::read
                             ? ::recv(socket, step.data(), step.size, flags)
                             : ::send(socket, step.data(), step.size, flags | MSG_NOSIGNAL));
}

// The outcome of a connect, a read, a write or a wait for a library's descriptor, once what it
// waited for can be done; -EAGAIN if it cannot after all.
inline Outcome outcome_when_ready(int socket, Step step) {
  switch (step.kind) {
    case StepKind::connect: return connect_result(socket);
    case StepKind::ready: return 0;
    default: return transfer(socket, step);
  }
}

}  // namespace waitbench
