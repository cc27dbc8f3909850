// scripted: an engine without a kernel. Steps are done in a fixed, seeded order, in batches, as
// replies come in to a busy loop.
//
// What a real engine costs depends on time, and most of it is spent in the kernel. With this one, a
// style runs the same instructions in every run, so that what it costs in user space can be counted
// to the last one. It stands here and not beside the engines because it needs the server half of
// the workload: it has to answer what it is sent. The real engines cannot be counted so, unless the
// kernel itself were made up.
#pragma once

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/os/random.hpp"
#include "harness/trial/scripted/backend.hpp"
#include "impls/conversation.hpp"
#include "impls/engine.hpp"

namespace waitbench {

class Scripted {
 public:
  static constexpr std::string_view name = "scripted", phrase = "the scripted engine";

  struct Channel {
    const ScriptedBackend* backend = nullptr;
    PendingReply asked;
    Step reading = Step::done();
  };

  // Writes are done at once, and whole, as those of a small request are. Reads wait.
  std::optional<Outcome> start(Channel& channel, Step step) {
    switch (step.kind) {
      case StepKind::connect: channel.backend = &ScriptedBackend::at(step); return 0;
      case StepKind::write: return channel.backend->take(step, channel.asked);
      case StepKind::read:
        channel.reading = step;
        waiting_.push_back(&channel);
        return std::nullopt;
      case StepKind::close: return 0;
      case StepKind::sleep:
      case StepKind::begin:
      case StepKind::ready:
      case StepKind::forget:
      case StepKind::join:
      case StepKind::acquire:
      case StepKind::use:
      case StepKind::done: break;
    }
    return -EINVAL;
  }

  template <class Visitor>
  void wait(Visitor visit, MaySleep = MaySleep::yes) {
    const std::size_t most = std::min(waiting_.size(), largest_batch);
    for (std::size_t left = 1 + random_.next() % most; left > 0; --left) {
      std::swap(waiting_[random_.next() % waiting_.size()], waiting_.back());
      Channel& channel = *waiting_.back();
      waiting_.pop_back();
      visit(channel, channel.backend->answer(channel.asked, channel.reading));
    }
  }

 private:
  static constexpr std::size_t largest_batch = 16;
  static constexpr std::uint64_t seed = 1;

  std::vector<Channel*> waiting_;
  Random random_{seed};
};

}  // namespace waitbench
