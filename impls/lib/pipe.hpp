// A pipe, and small messages through it. A message that is at most PIPE_BUF bytes long is written
// and read whole, whoever else writes and reads.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <system_error>
#include <type_traits>

#include "impls/lib/descriptor.hpp"

namespace waitbench {

struct Pipe {
  Descriptor reads, writes;
};

// Throws std::system_error.
inline Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// The next message. Empty at the end; where the descriptor does not block, also when there is none
// now. Throws std::system_error.
template <class Message>
std::optional<Message> read_message(int descriptor) {
  static_assert(std::is_trivially_copyable_v<Message> && sizeof(Message) <= PIPE_BUF);
  Message message{};
  ssize_t got;
  do got = ::read(descriptor, &message, sizeof message);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno != EAGAIN)
    throw std::system_error(errno, std::generic_category(), "cannot read from a pipe");
  if (got != static_cast<ssize_t>(sizeof message)) return std::nullopt;
  return message;
}

// False when nobody can read it any more, where SIGPIPE is ignored. Throws std::system_error.
template <class Message>
bool write_message(int descriptor, const Message& message) {
  static_assert(std::is_trivially_copyable_v<Message> && sizeof(Message) <= PIPE_BUF);
  ssize_t put;
  do put = ::write(descriptor, &message, sizeof message);
  while (put < 0 && errno == EINTR);
  if (put < 0 && errno != EPIPE)
    throw std::system_error(errno, std::generic_category(), "cannot write to a pipe");
  return put == static_cast<ssize_t>(sizeof message);
}

}  // namespace waitbench
