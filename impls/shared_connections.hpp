// An engine whose connections do not belong to one conversation each: a conversation says which of
// them it uses next. It must be the only one that uses it until it has no step under way there.
//
// Engines keep pointers to their channels, so channels stay where they are, and each knows who uses
// it. That costs two pointers on the way of every step, so conversations with a connection of their
// own are run without it.
#pragma once

#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>

#include "impls/engine.hpp"
#include "impls/settings.hpp"

namespace waitbench {

template <Engine E>
class SharedConnections {
 public:
  struct Channel;

  struct Connection : E::Channel {
    Channel* user = nullptr;
  };

  // Of a conversation, which begins with a connection of its own.
  struct Channel {
    Connection own{};
    Connection* used = &own;

    Channel() { own.user = this; }
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
  };

  explicit SharedConnections(const Settings& settings)
      : number_(settings.shared_connections),
        connections_(std::make_unique<Connection[]>(settings.shared_connections)) {}

  // A sleep is no step of a connection that others may use meanwhile.
  std::optional<Outcome> start(Channel& channel, Step step) {
    if (step.kind == StepKind::use) return use(channel, step.connection());
    return engine_.start(step.kind == StepKind::sleep ? channel.own : *channel.used, step);
  }

  template <class Visitor>
  void wait(Visitor&& visit, MaySleep may_sleep = MaySleep::yes) {
    engine_.wait([&](typename E::Channel& channel,
                     Outcome outcome) { visit(*static_cast<Connection&>(channel).user, outcome); },
                 may_sleep);
  }

 private:
  Outcome use(Channel& channel, std::size_t connection) {
    if (connection >= number_) return -EBADF;
    channel.used = &connections_[connection];
    channel.used->user = &channel;
    return 0;
  }

  E engine_;
  std::size_t number_;
  std::unique_ptr<Connection[]> connections_;
};

}  // namespace waitbench
