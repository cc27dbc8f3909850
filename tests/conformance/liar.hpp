// An honest loop that is given dishonest conversations: each stands between the loop and one real
// conversation, and lies to it.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "impls/conversation.hpp"
#include "impls/model.hpp"
#include "tests/conformance/dishonest_models.hpp"

namespace waitbench {

// The honest loop with a liar in front of each conversation.
template <class Liar>
class Lying : public Model {
 public:
  explicit Lying(ConversationSpan conversations) {
    for (Conversation* talk : conversations) pointers_.push_back(&liars_.emplace_back(*talk));
    liars_.front().is_first = true;
    loop_ = std::make_unique<HonestLoop>(pointers_);
  }
  void run() override { loop_->run(); }

 private:
  std::deque<Liar> liars_;
  std::vector<Conversation*> pointers_;
  std::unique_ptr<HonestLoop> loop_;
};

// A liar that tells the truth: the others change what they need.
class Liar : public Conversation {
 public:
  explicit Liar(Conversation& talk) : talk_(talk) {}
  Step resume(Outcome moved) override { return last_ = pass_on(moved); }

  bool is_first = false;  // of its model's conversations

 protected:
  virtual Step pass_on(Outcome moved) { return talk_.resume(moved); }

  Conversation& talk_;
  Step last_ = Step::done();  // what the loop was told to do last
};

}  // namespace waitbench
