// Controls that are models of their own: the conversations are real, and the model cheats.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <optional>
#include <span>
#include <system_error>
#include <thread>

#include "impls/engines/epoll.hpp"
#include "impls/loop.hpp"
#include "impls/model.hpp"
#include "impls/shared_connections.hpp"
#include "impls/styles/callback.hpp"

namespace waitbench {

using ConversationSpan = std::span<Conversation* const>;
using HonestLoop = Loop<Callback, Epoll>;

// The pitfall: a coroutine that waits for its reply with a blocking call, and all others with it.
class BlocksInReads : public Epoll {
 public:
  std::optional<Outcome> start(Channel& channel, Step step) {
    if (step.kind != StepKind::read) return Epoll::start(channel, step);
    pollfd readable{.fd = channel.socket.get(), .events = POLLIN, .revents = 0};
    poll(&readable, 1, -1);
    return transfer(channel.socket.get(), step);
  }
};

// One of its connections breaks, once it has been used.
class LosesReply : public Epoll {
 public:
  std::optional<Outcome> start(Channel& channel, Step step) {
    constexpr int unlucky = 20;
    if (step.kind == StepKind::read && ++reads_ == unlucky) return -ECONNRESET;
    return Epoll::start(channel, step);
  }

 private:
  int reads_ = 0;
};

// Has a connection for each conversation, whichever of the pool's it is to use. Over a Unix socket,
// which connects at once.
class OwnConnections : public Epoll {
 public:
  std::optional<Outcome> start(Channel& channel, Step step) {
    if (step.kind == StepKind::use) return 0;
    if (step.kind == StepKind::connect) address_ = &step.address();
    if (step.kind == StepKind::write && !channel.socket) {
      const std::optional<Outcome> connected = Epoll::start(channel, Step::connect(*address_));
      if (connected != 0) return connected;
    }
    return Epoll::start(channel, step);
  }

 private:
  const Address* address_ = nullptr;
};

// Lets no more clients ask than the pool has connections, so that none has to be handed over.
class LeavesClientsOut : public Loop<Callback, SharedConnections<Epoll>> {
 public:
  LeavesClientsOut(ConversationSpan conversations, const Settings& settings)
      : Loop(conversations.first(settings.shared_connections), settings) {}
};

// An honest loop in bad company.
class Spins : public HonestLoop {
 public:
  using HonestLoop::HonestLoop;
  void run() override {
    std::atomic<bool> done = false;
    const std::jthread spinner([&done] {
      while (!done) {
      }
    });
    HonestLoop::run();
    done = true;
  }
};

class NeverEnds : public HonestLoop {
 public:
  using HonestLoop::HonestLoop;
  void run() override {
    HonestLoop::run();
    while (true) pause();
  }
};

class EndsAtOnce : public Model {
 public:
  explicit EndsAtOnce(ConversationSpan) {}
  void run() override {}
};

class Throws : public Model {
 public:
  explicit Throws(ConversationSpan) {}
  void run() override {
    throw std::system_error(EAGAIN, std::generic_category(), "cannot start a thread");
  }
};

}  // namespace waitbench
