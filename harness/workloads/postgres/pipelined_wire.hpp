// A connection on which the protocol is written by hand, with all the clients that share it by
// pipelining: the queries that may be sent go out in one piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/workloads/postgres/pipeline.hpp"
#include "harness/workloads/postgres/wire_messages.hpp"
#include "impls/conversation.hpp"

namespace waitbench {

class PipelinedWireConversation : public Conversation {
 public:
  PipelinedWireConversation(const ClientConfig& config, Ledger& ledger, std::size_t number,
                            const Address& server, const WireStatements& statements)
      : pipeline_(config, ledger, number), server_(server), statements_(statements) {}

  Step resume(Outcome moved) override;

 private:
  enum class Doing : std::uint8_t { nothing, beginning, connecting, asking, listening, hanging_up };

  Step connect();
  Step greet();
  Step ask();
  Step write();
  Step written(Outcome moved);
  Step listen();
  Step take(Outcome moved);
  bool accepts(const WireMessage& message);
  bool accepts_row(std::string_view body);
  bool is_ready();
  Step hang_up();
  bool refuse(std::string_view reason);

  Pipeline pipeline_;
  const Address& server_;
  const WireStatements& statements_;
  WireOutbox outbox_;
  WireInbox inbox_;
  std::span<std::byte> bytes_;       // that are to be sent, or where those that come belong
  std::optional<std::string> note_;  // in the row of the query that is answered next
  Doing doing_ = Doing::nothing;
  bool is_greeted_ = false;  // by the server
};

}  // namespace waitbench
