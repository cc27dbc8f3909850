// For tests of the delay query's clients: a backend that is a function of the request, and a config
// that says in what pieces its replies arrive.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "harness/workloads/delay/conversation.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "harness/workloads/payload.hpp"

namespace waitbench {

using Bytes = std::vector<std::byte>;

inline Bytes reply_to(const wire::Request& request) {
  Bytes reply(sizeof(wire::ReplyHeader) + request.payload_bytes);
  const wire::ReplyHeader header = {.payload_bytes = request.payload_bytes,
                                    .id = request.id,
                                    .received_ns = 11,
                                    .due_ns = 22,
                                    .sent_ns = 33};
  std::memcpy(reply.data(), &header, sizeof header);
  fill_payload(request.id, 0, std::span(reply).subspan(sizeof header));
  return reply;
}

// One conversation, with all that it needs.
class ScriptedTalk {
 public:
  explicit ScriptedTalk(const Cell& cell = {.reply_bytes = 24}, bool check_every_byte = true,
                        Timetable* timetable = nullptr)
      : config_{.cell = cell,
                .trial = 5,
                .seed = 1,
                .check_every_byte = check_every_byte,
                .timetable = timetable},
        talk_(config_, ledger_, 7, address_, nullptr) {}

  Step resume(Outcome outcome) { return step_ = talk_.resume(outcome); }

  // From the beginning to the first write.
  Step begin() {
    EXPECT_EQ(resume(0).kind, StepKind::connect);
    EXPECT_EQ(&step_.address(), &address_);
    return resume(0);
  }

  // Takes the request in pieces of at most `piece` bytes, up to the read of its reply.
  wire::Request take_request(std::size_t piece = sizeof(wire::Request)) {
    Bytes sent;
    while (step_.kind == StepKind::write && sent.size() < sizeof(wire::Request)) {
      const std::size_t taken = std::min<std::size_t>(piece, step_.size);
      sent.insert(sent.end(), step_.data(), step_.data() + taken);
      resume(static_cast<Outcome>(taken));
    }
    wire::Request request;
    EXPECT_EQ(sent.size(), sizeof request);
    std::memcpy(&request, sent.data(), std::min(sent.size(), sizeof request));
    return request;
  }

  // Lets `bytes` arrive in pieces of the sizes given, the last of which is used for the rest too.
  Step deliver(std::span<const std::byte> bytes, std::vector<std::size_t> pieces) {
    for (std::size_t i = 0; !bytes.empty() && step_.kind == StepKind::read; ++i) {
      const std::size_t wanted = pieces[std::min(i, pieces.size() - 1)];
      const std::size_t size = std::min({wanted, std::size_t{step_.size}, bytes.size()});
      if (size == 0) break;
      std::memcpy(step_.data(), bytes.data(), size);
      bytes = bytes.subspan(size);
      resume(static_cast<Outcome>(size));
    }
    EXPECT_TRUE(bytes.empty() || step_.kind != StepKind::read);
    return step_;
  }

  Ledger& ledger() { return ledger_; }
  Step step() const { return step_; }

 private:
  ClientConfig config_;
  Ledger ledger_ = Ledger::create(64);
  Address address_;
  DelayConversation talk_;
  Step step_ = Step::done();
};

}  // namespace waitbench
