// Most controls are an honest callback loop that is given dishonest conversations: each stands
// between the loop and one real conversation, and lies to it.
#include "tests/conformance/controls.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/payload.hpp"
#include "impls/kernel/models.hpp"
#include "impls/loop.hpp"
#include "impls/styles/coroutine.hpp"
#include "tests/conformance/deadline_controls.hpp"
#include "tests/conformance/dishonest_models.hpp"
#include "tests/conformance/liar.hpp"
#include "tests/conformance/pipeline_controls.hpp"

namespace waitbench {
namespace {

constexpr std::size_t header_bytes = sizeof(wire::ReplyHeader);

std::size_t all(std::size_t conversations, const Settings&) {
  return conversations;
}
std::size_t half(std::size_t conversations, const Settings&) {
  return conversations / 2;
}

// Keeps the first reply, and hands it out again without asking.
class AnswersFromCache : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    if (last_.kind == StepKind::read && moved > 0)
      cache_.assign(last_.data(), last_.data() + moved);
    Step step = talk_.resume(moved);
    while (!cache_.empty() && (step.kind == StepKind::write || step.kind == StepKind::read))
      step = talk_.resume(step.kind == StepKind::write ? step.size : recall(step));
    return step;
  }
  Outcome recall(Step step) const {
    std::memcpy(step.data(), cache_.data(), cache_.size());
    return static_cast<Outcome>(cache_.size());
  }

  std::vector<std::byte> cache_;
};

// Says that a request was written, and never sends it: `skipped` requests after the first.
template <int skipped>
class DropsQuery : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    const Step step = talk_.resume(moved);
    if (!is_first || step.kind != StepKind::write || written_++ != skipped) return step;
    return talk_.resume(step.size);
  }

  int written_ = 0;
};

// Brings the first reply once more, when the conversation waits for the second.
class DeliversTwice : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    if (last_.kind == StepKind::read && moved > 0)
      reply_.assign(last_.data(), last_.data() + moved);
    const Step step = talk_.resume(moved);
    if (step.kind != StepKind::read || reply_.empty()) return step;
    std::memcpy(step.data(), reply_.data(), reply_.size());
    return talk_.resume(static_cast<Outcome>(reply_.size()));
  }

  std::vector<std::byte> reply_;
};

// Sends its first request twice.
class AsksTwice : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    if (is_first && last_.kind == StepKind::write && !std::exchange(repeated_, true)) return last_;
    return talk_.resume(moved);
  }

  bool repeated_ = false;
};

// Makes up every second reply, and makes it up well.
class ForgesReplies : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    Step step = talk_.resume(moved);
    if (step.kind != StepKind::write || asked_++ % 2 == 0) return step;
    std::memcpy(&request_, step.data(), sizeof request_);
    step = talk_.resume(sizeof request_);
    return step.kind == StepKind::read ? pass_on(forge(step)) : step;
  }
  Outcome forge(Step step) const {
    const wire::ReplyHeader header{.payload_bytes = request_.payload_bytes, .id = request_.id};
    std::memcpy(step.data(), &header, header_bytes);
    fill_payload(request_.id, 0, {step.data() + header_bytes, request_.payload_bytes});
    return static_cast<Outcome>(header_bytes + request_.payload_bytes);
  }

  int asked_ = 0;
  wire::Request request_;
};

// Changes one bit of every reply that arrives in one piece.
enum class Entry { first_word, middle, last_word };

template <Entry entry>
class WrongPayload : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    if (last_.kind == StepKind::read && moved > static_cast<Outcome>(header_bytes)) {
      const std::size_t size = static_cast<std::size_t>(moved) - header_bytes;
      constexpr std::size_t near = 5;  // bytes from the edge: within the word there
      const std::size_t at = entry == Entry::first_word ? near
                             : entry == Entry::middle   ? size / 2
                                                        : size - near;
      last_.data()[header_bytes + at] ^= std::byte{0x10};
    }
    return talk_.resume(moved);
  }
};

// Crashes at its first reply.
class Crashes : public Liar {
 public:
  using Liar::Liar;

 private:
  Step pass_on(Outcome moved) override {
    if (last_.kind == StepKind::read) {
      const rlimit no_core_file{};
      setrlimit(RLIMIT_CORE, &no_core_file);
      std::signal(SIGSEGV, SIG_DFL);  // which sanitizers catch
      std::raise(SIGSEGV);
    }
    return talk_.resume(moved);
  }
};

template <class M>
std::unique_ptr<Model> make(ConversationSpan conversations, const Settings&) {
  return std::make_unique<M>(conversations);
}

template <class M>
constexpr CatalogRow control(std::string_view name, std::string_view summary,
                             std::size_t (*max_in_flight)(std::size_t, const Settings&) = all) {
  return {.name = name,
          .style = "control",
          .engine = "",
          .summary = summary,
          .max_in_flight = max_in_flight,
          .make = make<M>};
}

// One that knows of pools, and cheats there.
template <class M>
constexpr CatalogRow control_of_pool(std::string_view name, std::string_view summary) {
  CatalogRow row = control<HonestLoop>(name, summary);
  row.make = [](ConversationSpan conversations, const Settings& settings) {
    return std::unique_ptr<Model>(std::make_unique<M>(conversations, settings));
  };
  return row;
}

constexpr CatalogRow serial = {.name = "control-serial",
                               .style = "control",
                               .engine = "",
                               .summary = "one after another, and says otherwise",
                               .max_in_flight = all,
                               .make = make_blocking};

constexpr CatalogRow controls[] = {
    serial,
    control<Lying<AnswersFromCache>>("control-cache", "does not ask again"),
    control<Lying<DropsQuery<0>>>("control-drops-query", "loses the first request"),
    control<Lying<DropsQuery<2>>>("control-drops-later-query", "loses the third request"),
    control<Lying<DeliversTwice>>("control-answers-twice", "delivers a reply twice"),
    control<Lying<AsksTwice>>("control-asks-twice", "sends a request twice"),
    control<Lying<ForgesReplies>>("control-forges-replies", "makes up every second reply"),
    control<Lying<WrongPayload<Entry::first_word>>>("control-wrong-first-word", "near the start"),
    control<Lying<WrongPayload<Entry::middle>>>("control-wrong-payload", "in the middle"),
    control<Lying<WrongPayload<Entry::last_word>>>("control-wrong-last-word", "near the end"),
    control<Loop<Coroutine, BlocksInReads>>("control-blocking-call", "blocks in a coroutine"),
    control<Loop<Coroutine, LosesReply>>("control-loses-reply", "its connection breaks"),
    control<HonestLoop>("control-understates", "has more in flight than it says", half),
    control<Spins>("control-spins", "burns CPU while it is held"),
    control<Lying<Crashes>>("control-crashes", "at the first reply"),
    control<Throws>("control-throws", "as when the machine has no threads left"),
    control<NeverEnds>("control-never-ends", "when its conversations are done"),
    control<EndsAtOnce>("control-ends-at-once", "without a word said"),
    control_of_pool<Loop<Callback, OwnConnections>>("control-pool-own-connections", "one each"),
    control<Loop<Callback, IgnoresDeadlines>>("control-deadline-ignored", "waits for late replies"),
    control<Loop<Callback, CancelsEarly>>("control-deadline-early",
                                          "cancels before the time is up"),
    control<Lying<PretendsToCancel>>("control-deadline-pretended", "cancels what it has read"),
    control<Lying<CancelsUnsent>>("control-deadline-unsent", "cancels what it never asked"),
    control<Loop<Callback, LeavesOpen>>("control-deadline-left-open", "closes nothing"),
    control<Lying<KeepsConnection>>("control-deadline-kept", "asks anew on the same connection"),
    control_of_pool<LeavesClientsOut>("control-pool-leaves-out", "clients who would have to wait"),
};

}  // namespace

std::span<const CatalogRow> negative_controls() {
  return controls;
}

std::vector<Participant> participants_with_controls() {
  std::vector<Participant> participants = all_participants();
  for (const CatalogRow& row : controls) participants.push_back(participant_of(row, Role::control));
  for (Participant& control : pipeline_controls()) participants.push_back(std::move(control));
  return participants;
}

}  // namespace waitbench
