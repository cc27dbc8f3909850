// Several event loops that share the conversations, each with an engine and a thread of its own, so
// that event-driven models can use more than one CPU. Between the loops there is nothing to share
// and nothing to lock: a conversation stays with its loop.
#pragma once

#include <algorithm>
#include <exception>
#include <latch>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "impls/loop.hpp"
#include "impls/stop_listener.hpp"

namespace waitbench {

template <template <class> class Style, Engine E>
class Loops : public Model {
 public:
  // Dealt out like cards, so that each loop has its part of every kind of conversation.
  Loops(std::span<Conversation* const> conversations, const Settings& settings)
      : settings_(settings), shares_(std::min(settings.loops, conversations.size())) {
    for (std::size_t i = 0; i < conversations.size(); ++i)
      shares_[i % shares_.size()].push_back(conversations[i]);
  }

  // A loop is made by the thread that runs it, since an engine may belong to one thread. None
  // starts before all are made: should the machine refuse one, the others have not begun. When one
  // fails later, it stops the others.
  void run() override {
    StopListener stop(shares_.size());
    std::latch made(static_cast<std::ptrdiff_t>(shares_.size()));
    std::vector<std::exception_ptr> refusals(shares_.size());
    std::vector<std::exception_ptr> failures(shares_.size());
    const auto run_share = [&](std::size_t i) noexcept {
      StopConversation until_stopped(stop);
      std::vector<Conversation*> conversations;
      std::optional<Loop<Style, E>> loop;
      refusals[i] = exception_of([&] {
        conversations = shares_[i];
        conversations.push_back(&until_stopped);
        loop.emplace(conversations, settings_, 1);
      });
      made.arrive_and_wait();
      if (first_of(refusals)) return;
      failures[i] = exception_of([&] { loop->run(); });
      if (failures[i]) stop.close();
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < shares_.size(); ++i) {
        const auto refusal = exception_of([&] { threads.emplace_back(run_share, i); });
        if (refusal == nullptr) continue;
        refusals[i] = refusal;
        made.count_down();
      }
      run_share(0);
    }
    for (const auto& exceptions : {refusals, failures})
      if (const std::exception_ptr first = first_of(exceptions)) std::rethrow_exception(first);
  }

 private:
  // What `function` throws, unless it is that it was stopped; null if nothing.
  template <class Function>
  static std::exception_ptr exception_of(const Function& function) noexcept {
    try {
      function();
    } catch (const LoopStopped&) {
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  static std::exception_ptr first_of(const std::vector<std::exception_ptr>& exceptions) {
    const auto first = std::ranges::find_if(exceptions, [](const auto& e) { return e != nullptr; });
    return first == exceptions.end() ? nullptr : *first;
  }

  Settings settings_;
  std::vector<std::vector<Conversation*>> shares_;
};

}  // namespace waitbench
