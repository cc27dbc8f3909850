// no-op: every step is done at once, and replies are made up on the spot.
//
// What is left is what the harness does for each query: drawing a delay, stamping, checking,
// entering in the ledger. One query in each batch really goes to the backend, whose gate holds and
// releases this trial like any other; so the same reading of the same counters prices the harness
// itself.
#include "harness/workloads/delay/no_op.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <vector>

#include "harness/workloads/delay/conversation.hpp"
#include "harness/workloads/delay/made_up_reply.hpp"
#include "impls/kernel/blocking_channel.hpp"

namespace waitbench {
namespace {

class NoOp : public Model {
 public:
  explicit NoOp(const TrialContext& context) : batch_(context.batch) {
    for (std::size_t i = 0; i < context.config.cell.in_flight; ++i)
      conversations_.emplace_back(context.config, context.ledger, static_cast<std::uint32_t>(i),
                                  context.backend, nullptr);
    steps_.resize(conversations_.size(), Step::done());
  }

  void run() override {
    for (std::size_t i = 0; i < conversations_.size(); ++i) steps_[i] = conversations_[i].resume(0);
    for (std::size_t live = conversations_.size(); live > 0;) {
      live = 0;
      for (std::size_t i = 0; i < conversations_.size(); ++i) live += converse(i);
    }
  }

 private:
  // One query of the i-th conversation, from its connect or write to the next; false at its end.
  bool converse(std::size_t i) {
    Step& step = steps_[i];
    if (step.kind == StepKind::connect) advance(i, i == 0 ? gate_.perform(step) : 0);
    const bool real = i == 0 && asked_ >= batch_;
    if (real) asked_ = 0;
    ++asked_;
    while (step.kind == StepKind::write || step.kind == StepKind::read) {
      const bool asking = step.kind == StepKind::write;
      advance(i, real     ? gate_.perform(step)
                 : asking ? take_request(step)
                          : make_up_reply(request_, step));
      if (!asking && step.kind == StepKind::write) return true;
    }
    if (step.kind == StepKind::close) advance(i, 0);
    return step.kind != StepKind::done;
  }

  void advance(std::size_t i, Outcome outcome) { steps_[i] = conversations_[i].resume(outcome); }

  Outcome take_request(Step step) {
    std::memcpy(&request_, step.data(), sizeof request_);
    return static_cast<Outcome>(step.size);
  }

  std::size_t batch_;
  std::size_t asked_ = 0;  // since the last query that really went to the backend
  std::deque<DelayConversation> conversations_;
  std::vector<Step> steps_;
  BlockingChannel gate_;
  wire::Request request_;
};

}  // namespace

std::unique_ptr<Model> make_no_op(const TrialContext& context) {
  return std::make_unique<NoOp>(context);
}

}  // namespace waitbench
