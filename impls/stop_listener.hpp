// How a loop that has failed ends the others of its model.
//
// A loop in its wait can only be reached through what it waits for. So each loop has one more
// conversation, which connects to a listener and reads what never comes; when the listener closes,
// the read ends in every loop, and the conversation throws.
#pragma once

#include <sys/socket.h>

#include <mutex>
#include <system_error>
#include <utility>

#include "impls/conversation.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench {

class StopListener {
 public:
  // For that many loops. Throws std::system_error when the machine refuses a socket.
  explicit StopListener(std::size_t loops)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // Bound to no name, it is given one of the abstract namespace.
    address_.storage.ss_family = AF_UNIX;
    address_.size = sizeof(sa_family_t);
    if (!socket_ || ::bind(socket_.get(), address_.get(), address_.size) != 0 ||
        ::listen(socket_.get(), static_cast<int>(loops)) != 0)
      refuse();
    address_.size = sizeof address_.storage;
    if (::getsockname(socket_.get(), address_.get(), &address_.size) != 0) refuse();
  }

  const Address& address() const { return address_; }

  // Both may be called from any thread, and close() more than once.
  void close() {
    const std::lock_guard lock(mutex_);
    socket_.reset();
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return !socket_;
  }

 private:
  [[noreturn]] static void refuse() {
    throw std::system_error(errno, std::generic_category(), "cannot listen for a stop");
  }

  Address address_;
  mutable std::mutex mutex_;
  Descriptor socket_;
};

// Thrown in a loop that is told to stop.
struct LoopStopped {};

class StopConversation : public Conversation {
 public:
  explicit StopConversation(const StopListener& listener) : listener_(listener) {}

  Step resume(Outcome outcome) override {
    if (listener_.closed()) throw LoopStopped{};
    if (outcome < 0)
      throw std::system_error(-outcome, std::generic_category(), "a loop cannot be stopped");
    if (std::exchange(connect_asked_, true)) return Step::read(&byte_, 1);
    return Step::connect(listener_.address());
  }

 private:
  const StopListener& listener_;
  bool connect_asked_ = false;
  std::byte byte_{};
};

}  // namespace waitbench
