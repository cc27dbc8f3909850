#include "tests/conformance/pipeline_controls.hpp"

#include <memory>

#include "harness/workloads/workload.hpp"
#include "tests/conformance/dishonest_models.hpp"

namespace waitbench {
namespace {

std::size_t all(std::size_t conversations, const Settings&) {
  return conversations;
}

// An honest loop over conversations of another cell, of which it says that they are those of its
// own.
class OfAnotherCell : public Model {
 public:
  OfAnotherCell(const TrialContext& context, const Cell& cell)
      : config_(context.config),
        context_{config_, context.ledger, context.backend, context.endpoint} {
    config_.cell = cell;
    conversations_ = workload_named(cell.workload).make_conversations(context_);
    loop_ = std::make_unique<HonestLoop>(conversations_->all());
  }

  void run() override { loop_->run(); }

 private:
  ClientConfig config_;
  TrialContext context_;
  std::unique_ptr<Conversations> conversations_;
  std::unique_ptr<HonestLoop> loop_;
};

Participant control(std::string_view name, std::string_view summary, Cell (*cell)(const Cell&)) {
  return {.name = name,
          .role = Role::control,
          .style = "control",
          .summary = summary,
          .in_flight_limit = all,
          .make = [cell](const TrialContext& context) {
            return std::make_unique<OfAnotherCell>(context, cell(context.config.cell));
          }};
}

// One client on each connection, which waits for each answer.
Cell without_clients_who_share(const Cell& cell) {
  Cell other = cell;
  other.in_flight = cell.client_connections();
  other.pipeline = 1;
  return other;
}

// By one less than it says.
Cell with_a_shorter_pipeline(const Cell& cell) {
  Cell other = cell;
  other.pipeline = cell.pipeline - 1;
  other.in_flight = cell.client_connections() * other.pipeline;
  return other;
}

}  // namespace

std::vector<Participant> pipeline_controls() {
  return {control("control-pipeline-one-by-one", "awaits each answer", without_clients_who_share),
          control("control-pipeline-shorter", "has one query less", with_a_shorter_pipeline)};
}

}  // namespace waitbench
