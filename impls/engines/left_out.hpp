// What stands for an engine whose library this build was made without: its rows stay in the
// catalog, and say why they cannot be run.
#pragma once

#include <cerrno>
#include <optional>

#include "impls/conversation.hpp"
#include "impls/engine.hpp"

namespace waitbench {

struct LeftOutEngine {
  struct Channel {};

  std::optional<Outcome> start(Channel&, Step) { return -ENOSYS; }
  template <class Visitor>
  void wait(Visitor&&, MaySleep = MaySleep::yes) {}
};

}  // namespace waitbench
