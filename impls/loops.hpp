// Several event loops that share the conversations, each with an engine and a thread of its own, so
// that event-driven models can use more than one CPU. Between the loops there is nothing to share
// and nothing to lock: a conversation stays with its loop.
#pragma once

#include <algorithm>
#include <exception>
#include <latch>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

#include "impls/loop.hpp"

namespace waitbench {

template <template <class> class Style, Engine E>
class Loops : public Model {
 public:
  // Dealt out like cards, so that each loop has its part of every kind of conversation.
  Loops(std::span<Conversation* const> talks, const Settings& settings)
      : settings_(settings), shares_(std::min(settings.loops, talks.size())) {
    for (std::size_t i = 0; i < talks.size(); ++i) shares_[i % shares_.size()].push_back(talks[i]);
  }

  // A loop is made by the thread that runs it, since an engine may belong to one thread. None
  // starts before all are made: should the machine refuse one, the others have not begun.
  void run() override {
    std::latch made(static_cast<std::ptrdiff_t>(shares_.size()));
    std::vector<std::exception_ptr> refusals(shares_.size());
    const auto refused = [&refusals] {
      return std::ranges::any_of(refusals, [](const auto& refusal) { return refusal != nullptr; });
    };
    const auto run_share = [&](std::size_t i) noexcept {
      std::optional<Loop<Style, E>> loop;
      try {
        loop.emplace(shares_[i], settings_);
      } catch (...) {
        refusals[i] = std::current_exception();
      }
      made.arrive_and_wait();
      if (!refused()) loop->run();
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < shares_.size(); ++i) try {
          threads.emplace_back(run_share, i);
        } catch (const std::system_error&) {
          refusals[i] = std::current_exception();
          made.count_down();
        }
      run_share(0);
    }
    for (const std::exception_ptr& refusal : refusals)
      if (refusal) std::rethrow_exception(refusal);
  }

 private:
  Settings settings_;
  std::vector<std::vector<Conversation*>> shares_;
};

}  // namespace waitbench
