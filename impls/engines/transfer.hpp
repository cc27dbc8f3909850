// The system call of a step that moves bytes.
#pragma once

#include <sys/socket.h>

#include "impls/conversation.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

// Performs a read or write step: one system call, one outcome.
inline Outcome transfer(int socket, Step step) {
  return result_or_error(step.kind == StepKind::read
                             ? ::recv(socket, step.data(), step.size, 0)
                             : ::send(socket, step.data(), step.size, MSG_NOSIGNAL));
}

}  // namespace waitbench
