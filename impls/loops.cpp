#include "impls/loops.hpp"

#include <algorithm>
#include <exception>
#include <latch>
#include <thread>

#include "impls/stop_listener.hpp"

namespace waitbench {
namespace {

// What `function` throws, unless it is that it was stopped; null if nothing.
template <class Function>
std::exception_ptr exception_of(const Function& function) noexcept {
  try {
    function();
  } catch (const LoopStopped&) {
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

std::exception_ptr first_of(const std::vector<std::exception_ptr>& exceptions) {
  const auto first = std::ranges::find_if(exceptions, [](const auto& e) { return e != nullptr; });
  return first == exceptions.end() ? nullptr : *first;
}

}  // namespace

// The conversations are dealt out one by one, so that each loop has its part of every kind.
Loops::Loops(std::span<Conversation* const> conversations, const Settings& settings,
             MakeLoop make_loop)
    : settings_(settings),
      make_loop_(make_loop),
      shares_(std::min(settings.loops, conversations.size())) {
  settings_.run_queue = nullptr;  // it belongs to one thread
  for (std::size_t i = 0; i < conversations.size(); ++i)
    shares_[i % shares_.size()].push_back(conversations[i]);
}

void Loops::run() {
  StopListener stop(shares_.size());
  std::latch made(static_cast<std::ptrdiff_t>(shares_.size()));
  std::vector<std::exception_ptr> refusals(shares_.size());
  std::vector<std::exception_ptr> failures(shares_.size());
  const auto run_share = [&](std::size_t i) noexcept {
    StopConversation until_stopped(stop);
    std::vector<Conversation*> conversations;
    std::unique_ptr<Model> loop;
    refusals[i] = exception_of([&] {
      conversations = shares_[i];
      conversations.push_back(&until_stopped);
      loop = make_loop_(conversations, settings_, 1);
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

}  // namespace waitbench
