#include "harness/trial/participant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/workloads/delay/conversation.hpp"
#include "harness/workloads/delay/handwritten/handwritten.hpp"
#include "harness/workloads/delay/no_op.hpp"
#include "impls/engines/io_uring.hpp"

namespace waitbench {
namespace {

std::size_t one(std::size_t, const Settings&) {
  return 1;
}
std::size_t all(std::size_t conversations, const Settings&) {
  return conversations;
}

// A model together with the conversations that it drives.
class DelayQueries : public Model {
 public:
  DelayQueries(const CatalogRow& row, const TrialContext& context) {
    const Cell& cell = context.config.cell;
    // The quiet connections come first, so that they are all parked when the first reply is held.
    parked_.reserve(cell.idle);
    for (std::size_t i = 0; i < cell.idle; ++i)
      parked_.emplace_back(context.config, context.ledger, context.backend);
    asking_.reserve(cell.in_flight);
    for (std::size_t i = 0; i < cell.in_flight; ++i)
      asking_.emplace_back(context.config, context.ledger, static_cast<std::uint32_t>(i),
                           context.backend);
    talks_.reserve(cell.idle + cell.in_flight);
    for (ParkedConversation& talk : parked_) talks_.push_back(&talk);
    for (DelayConversation& talk : asking_) talks_.push_back(&talk);
    model_ = row.make(talks_, settings_of(cell));
  }

  void run() override { model_->run(); }

 private:
  std::vector<ParkedConversation> parked_;
  std::vector<DelayConversation> asking_;
  std::vector<Conversation*> talks_;
  std::unique_ptr<Model> model_;
};

// A model that waits for one connection at a time would wait for ever at the first quiet one.
Eligibility model_can_run(const CatalogRow& row, const Cell& cell) {
  if (cell.idle > 0 && !row.watches_idle)
    return {"it waits for one connection at a time, so it cannot watch idle ones"};
  if (row.max_connections != 0 && cell.in_flight + cell.idle > row.max_connections)
    return {fmt::format(
        "{} cannot watch descriptors beyond 1,023, which leaves room for {} connections",
        row.engine, row.max_connections)};
  return {};
}

Eligibility handwritten_can_run(const Cell& cell) {
  if (cell.is_open_loop()) return {"handwritten counterparts are written for a closed loop"};
  if (cell.connections == Connections::fresh)
    return {"handwritten counterparts are written for kept connections"};
  if (cell.depth > 1) return {"handwritten counterparts are written without helper calls"};
  if (cell.loops > 1) return {"handwritten counterparts are written with one loop"};
  if (cell.idle > 0) return {"handwritten counterparts are written without idle connections"};
  return {};
}

Eligibility no_op_can_run(const Cell& cell) {
  constexpr std::uint32_t largest_reply = 32 << 10;
  if (cell.reply_bytes > largest_reply) return {"the no-op makes up replies of at most 32 KiB"};
  return handwritten_can_run(cell);
}

Participant handwritten(std::string_view name, std::string_view style, std::string_view engine,
                        std::string_view summary,
                        std::size_t (*max_in_flight)(std::size_t, const Settings&),
                        std::unique_ptr<Model> (*make)(const TrialContext&)) {
  return {.name = name,
          .role = Role::handwritten,
          .style = style,
          .engine = engine,
          .summary = summary,
          .in_flight_limit = max_in_flight,
          .make = make,
          .can_run = handwritten_can_run};
}

}  // namespace

Settings settings_of(const Cell& cell) {
  return {.depth = cell.depth, .loops = cell.loops, .workers = cell.workers};
}

std::size_t Participant::max_in_flight(const Cell& cell) const {
  return in_flight_limit(cell.in_flight, settings_of(cell));
}

Eligibility Participant::eligible(const Cell& cell) const {
  Eligibility here = eligible();
  return here ? can_run(cell) : here;
}

TrialCommand run_by_this_program(const TrialOrder& order) {
  return {.arguments = {"trial", to_text(order)}};
}

Participant participant_of(const CatalogRow& row, Role role) {
  return {.name = row.name,
          .role = role,
          .style = row.style,
          .engine = row.engine,
          .summary = row.summary,
          .in_flight_limit = row.max_in_flight,
          .make =
              [row](const TrialContext& context) {
                return std::make_unique<DelayQueries>(row, context);
              },
          .can_run = [row](const Cell& cell) { return model_can_run(row, cell); },
          .is_allowed_here =
              [row] { return row.unavailable ? Eligibility{row.unavailable()} : Eligibility{}; }};
}

std::vector<Participant> all_participants() {
  std::vector<Participant> participants;
  for (const CatalogRow& row : catalog()) participants.push_back(participant_of(row));
  for (const CatalogRow& row : pitfalls())
    participants.push_back(participant_of(row, Role::pitfall));
  participants.push_back(handwritten("handwritten-blocking", "blocking", "",
                                     "the delay query by hand, one blocking call after another",
                                     one, make_handwritten_blocking));
  participants.push_back(handwritten("handwritten-thread-per-connection", "thread", "",
                                     "the delay query by hand, a thread for each connection", all,
                                     make_handwritten_thread_per_connection));
  participants.push_back(handwritten("handwritten-callback-epoll", "callback", "epoll",
                                     "the delay query by hand, as callbacks on epoll", all,
                                     make_handwritten_callback_epoll));
  participants.push_back(handwritten("handwritten-coroutine-epoll", "coroutine", "epoll",
                                     "the delay query by hand, as coroutines on epoll", all,
                                     make_handwritten_coroutine_epoll));
  participants.push_back(handwritten("handwritten-callback-libuv", "callback", "libuv",
                                     "the delay query by hand, as callbacks on libuv", all,
                                     make_handwritten_callback_libuv));
  Participant on_io_uring = handwritten("handwritten-callback-io_uring", "callback", "io_uring",
                                        "the delay query by hand, as callbacks on io_uring", all,
                                        make_handwritten_callback_io_uring);
  on_io_uring.is_allowed_here = [] { return Eligibility{IoUring::unavailable()}; };
  participants.push_back(std::move(on_io_uring));
  participants.push_back({.name = "no-op",
                          .role = Role::no_op,
                          .summary = "the harness alone: stamps, checks and ledger without any I/O",
                          .in_flight_limit = one,
                          .make = make_no_op,
                          .can_run = no_op_can_run});
  return participants;
}

const Participant* find_participant(std::span<const Participant> participants,
                                    std::string_view name) {
  const auto found = std::ranges::find(participants, name, &Participant::name);
  return found == participants.end() ? nullptr : &*found;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::model: return "model";
    case Role::pitfall: return "pitfall";
    case Role::handwritten: return "handwritten";
    case Role::no_op: return "no-op";
    case Role::control: return "control";
  }
  return "";
}

}  // namespace waitbench
