#include "harness/trial/scripted/trial.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/trial/scripted/engine.hpp"
#include "harness/workloads/workload.hpp"
#include "impls/matrix.hpp"

namespace waitbench {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ScriptedOrder, participant, cell, queries)

namespace {

static_assert(Engine<Scripted>);

// The conversations one after the other, each step done on the spot: nobody remembers anything.
class NoModel : public Model {
 public:
  explicit NoModel(const TrialContext& context)
      : conversations_(workload_named(context.config.cell.workload).make_conversations(context)) {}

  void run() override {
    const std::span<Conversation* const> all = conversations_->all();
    std::vector<Step> steps;
    for (Conversation* conversation : all) steps.push_back(conversation->resume(0));
    for (std::size_t live = all.size(); live > 0;) {
      live = 0;
      for (std::size_t i = 0; i < all.size(); ++i) live += converse(*all[i], steps[i]);
    }
  }

 private:
  // Up to the end of one query; false when it was the last.
  bool converse(Conversation& conversation, Step& step) {
    while (step.kind != StepKind::done) {
      const bool has_read = step.kind == StepKind::read;
      step = conversation.resume(perform(step));
      if (has_read && step.kind == StepKind::write) return true;
    }
    return false;
  }

  Outcome perform(const Step& step) {
    if (step.kind == StepKind::read) return backend_->answer(asked_, step);
    if (step.kind == StepKind::connect) backend_ = &ScriptedBackend::at(step);
    return step.kind == StepKind::write ? backend_->take(step, asked_) : 0;
  }

  std::unique_ptr<Conversations> conversations_;
  const ScriptedBackend* backend_ = nullptr;
  PendingReply asked_;
};

std::size_t all(std::size_t conversations, const Settings&) {
  return conversations;
}

// Clients keep replies in one piece only up to some size, and here they are written as a whole.
Eligibility can_run_scripted(const Cell& cell) {
  constexpr std::uint32_t largest_reply = 32 << 10;
  if (cell.reply_bytes > largest_reply) return {"scripted replies have at most 32 KiB"};
  if (cell.clients_wait_for_each_other())
    return {"a scripted client ends its query before the next one begins, and waits for nobody"};
  return {};
}

std::vector<Participant> make_participants() {
  std::vector<Participant> participants = {
      {.name = "no-op-scripted",
       .role = Role::no_op,
       .engine = "scripted",
       .summary = "the conversations alone: what the harness costs",
       .in_flight_limit = all,
       .make = [](const TrialContext& context) { return std::make_unique<NoModel>(context); }}};
  for (const CatalogRow& row : rows_on<Scripted>()) participants.push_back(participant_of(row));
  for (Participant& participant : participants) participant.can_run = can_run_scripted;
  return participants;
}

// Each conversation has checked its replies, and ended only with an answer to its last query; so
// the number of queries tells all. Looking at each would be counted with what is to be counted.
void check(const Ledger& ledger, const ScriptedOrder& order) {
  if (ledger.failed()) throw std::runtime_error(ledger.failure());
  const std::uint64_t asked = ledger.next_id() - 1;
  const std::uint64_t expected = order.queries + order.cell.in_flight - 1;
  if (asked != expected)
    throw std::runtime_error(fmt::format("{} queries instead of {}", asked, expected));
}

}  // namespace

std::span<const Participant> scripted_participants() {
  static const std::vector<Participant> participants = make_participants();
  return participants;
}

std::string to_text(const ScriptedOrder& order) {
  return nlohmann::json(order).dump();
}

ScriptedOrder scripted_order_from(const std::string& text) {
  return nlohmann::json::parse(text).get<ScriptedOrder>();
}

Ledger run_scripted(const ScriptedOrder& order) {
  const Participant* participant = find_participant(scripted_participants(), order.participant);
  if (participant == nullptr) throw std::runtime_error("unknown participant " + order.participant);
  Ledger ledger = Ledger::create(order.queries + order.cell.in_flight);
  const Protocol& protocol = *workload_named(order.cell.workload).protocol;
  const ScriptedBackend backend(protocol, ledger, order.queries);
  const ClientConfig config{.cell = order.cell};
  participant->make({.config = config, .ledger = ledger, .backend = backend, .batch = 1})->run();
  check(ledger, order);
  return ledger;
}

}  // namespace waitbench
