// A queue between processes, on which a descriptor lies beside each message: the kernel hands over
// a copy of it to whoever takes the message (SCM_RIGHTS).
//
// It is a pair of Unix-domain sockets. Any number of processes and threads may put something on it,
// and any number may take something from it: first come, first served, and each message is taken
// once. Whoever puts while the queue is full, waits. Where the two ends are inherited by a fork,
// each process closes the one that it does not use, or nobody is told that the others have gone.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

#include "impls/lib/descriptor.hpp"

namespace waitbench {

template <class Message>
class DescriptorQueue {
  static_assert(std::is_trivially_copyable_v<Message>);

 public:
  struct Item {
    Message message{};
    Descriptor descriptor;
  };

  class PutEnd {
   public:
    explicit PutEnd(Descriptor socket) : socket_(std::move(socket)) {}

    // The caller may close its own copy of the descriptor afterwards. False when nobody is left who
    // could take it. Throws std::system_error.
    bool put(const Message& message, int descriptor) const;

    void close() { socket_.reset(); }

   private:
    Descriptor socket_;
  };

  class TakeEnd {
   public:
    // `has_ended`: nothing is on the queue, and nobody is left who could put something on it.
    struct Taken {
      std::optional<Item> item;
      bool has_ended = false;
    };

    explicit TakeEnd(Descriptor socket) : socket_(std::move(socket)) {}

    // The next item, for which it waits. Empty when the queue has ended. Both throw
    // std::system_error when it cannot be had, as by a process at its limit of descriptors.
    std::optional<Item> take() const { return receive(0).item; }
    // The next item, if it is there.
    Taken try_take() const { return receive(MSG_DONTWAIT); }

    // Can be read when there is something to be taken, or the queue has ended.
    int descriptor() const { return socket_.get(); }

    void close() { socket_.reset(); }

   private:
    Taken receive(int flags) const;

    Descriptor socket_;
  };

  struct Ends {
    PutEnd put_end;
    TakeEnd take_end;
  };

  // Throws std::system_error.
  static Ends make();

 private:
  // Room for one descriptor beside a message.
  union Beside {
    cmsghdr header;  // for its alignment
    std::array<char, CMSG_SPACE(sizeof(int))> bytes;
  };
};

template <class Message>
typename DescriptorQueue<Message>::Ends DescriptorQueue<Message>::make() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot make a queue of descriptors");
  return {PutEnd(Descriptor(ends[0])), TakeEnd(Descriptor(ends[1]))};
}

template <class Message>
bool DescriptorQueue<Message>::PutEnd::put(const Message& message, int descriptor) const {
  iovec part{.iov_base = const_cast<Message*>(&message), .iov_len = sizeof message};
  Beside beside{.bytes = {}};
  msghdr letter{};
  letter.msg_iov = &part;
  letter.msg_iovlen = 1;
  letter.msg_control = beside.bytes.data();
  letter.msg_controllen = beside.bytes.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&letter);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  ssize_t put;
  do put = sendmsg(socket_.get(), &letter, MSG_NOSIGNAL);
  while (put < 0 && errno == EINTR);
  if (put < 0 && errno != EPIPE && errno != ECONNRESET)
    throw std::system_error(errno, std::generic_category(), "cannot hand over a descriptor");
  return put == static_cast<ssize_t>(sizeof message);
}

template <class Message>
typename DescriptorQueue<Message>::TakeEnd::Taken DescriptorQueue<Message>::TakeEnd::receive(
    int flags) const {
  Taken taken;
  Item item;
  iovec part{.iov_base = &item.message, .iov_len = sizeof item.message};
  Beside beside{.bytes = {}};
  msghdr letter{};
  letter.msg_iov = &part;
  letter.msg_iovlen = 1;
  letter.msg_control = beside.bytes.data();
  letter.msg_controllen = beside.bytes.size();
  ssize_t got;
  do got = recvmsg(socket_.get(), &letter, flags | MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return taken;
  if (got < 0) throw std::system_error(errno, std::generic_category(), "cannot take from a queue");
  if (got == 0) {
    taken.has_ended = true;
    return taken;
  }
  const cmsghdr* const header = CMSG_FIRSTHDR(&letter);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    item.descriptor.reset(descriptor);
  }
  // The kernel drops a descriptor for which there is no room, and says so in passing.
  if (!item.descriptor && (letter.msg_flags & MSG_CTRUNC) != 0)
    throw std::system_error(EMFILE, std::generic_category(), "cannot take a descriptor");
  if (!item.descriptor || got != static_cast<ssize_t>(sizeof item.message))
    throw std::runtime_error("what was taken from a queue is not a message with a descriptor");
  taken.item = std::move(item);
  return taken;
}

}  // namespace waitbench
