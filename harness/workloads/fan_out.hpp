// A task that asks several queries at once, and goes on when all of them are answered (gather): its
// children are conversations that ask one query for each join, over connections that they keep.
//
// The ids of the queries of a fan-out follow each other, and each fan-out has the next ones: so a
// gate can let whole fan-outs through. If it let a part of one through, its task would wait for the
// rest, and never would as many queries be in flight again as there should be.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "harness/workloads/ledger.hpp"
#include "impls/conversation.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

// What a task tells its children.
struct FanOut {
  std::uint64_t first_id = 0;  // of the queries that are asked at once
  std::int64_t asked_ns = 0;
  bool is_over = false;  // there is nothing more to be asked: they are to hang up
};

class FanOutConversation : public Conversation {
 public:
  // They outlive it, and the children know `fan_out`.
  FanOutConversation(Ledger& ledger, std::span<Conversation* const> children, FanOut& fan_out)
      : ledger_(ledger), children_(children), fan_out_(fan_out) {}

  Step resume(Outcome outcome) override {
    if (outcome < 0)
      ledger_.fail(std::string("the model cannot join what a task has started: ") +
                   std::strerror(-outcome));
    if (fan_out_.is_over) return Step::done();
    fan_out_.is_over = ledger_.stopping() || ledger_.failed();
    if (!fan_out_.is_over) {
      fan_out_.first_id = ledger_.reserve(children_.size());
      fan_out_.asked_ns = now_ns();
    }
    return Step::join(children_);
  }

 private:
  Ledger& ledger_;
  std::span<Conversation* const> children_;
  FanOut& fan_out_;
};

}  // namespace waitbench
